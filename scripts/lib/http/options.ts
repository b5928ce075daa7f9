import { existsSync, statSync } from "node:fs";
import type { Options as YargsOptions } from "yargs";
import { duration } from "../cli/values.ts";
import { UserError } from "../errors.ts";

/** The options of every script that asks a service, as yargs declares them. */
export const HTTP_OPTIONS: Readonly<Record<string, YargsOptions>> = {
  "max-wait": { ...duration("--max-wait"), describe: "end with exit 75 where a service asks for more (default 1m)" },
  timeout: { ...duration("--timeout"), describe: "how long one answer may take" },
  record: { type: "string", requiresArg: true, describe: "keep each answer as a file in this folder" },
  replay: { type: "string", requiresArg: true, describe: "take the answers from this folder, not from the network" },
};

/** As they are read from the command line; times are in milliseconds. */
export interface HttpOptions {
  readonly maxWait?: number | undefined;
  readonly timeout?: number | undefined;
  readonly record?: string | undefined;
  readonly replay?: string | undefined;
}

/** Throws a UserError where the options can't be followed. */
export function checkHttpOptions({ record, replay }: HttpOptions): void {
  if (record !== undefined && replay !== undefined)
    throw new UserError("--record and --replay exclude each other: the one asks the service, the other does not.");
  if (record === "") throw new UserError("--record takes the name of a folder.");
  if (replay !== undefined && !(existsSync(replay) && statSync(replay).isDirectory()))
    throw new UserError(`--replay takes a folder that --record has filled; ${replay || "that"} is none.`);
}
