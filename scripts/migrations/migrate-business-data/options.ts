/** The options of batch 10, and which of them go together. */
import type { Options as YargsOptions } from "yargs";
import { duration } from "../../lib/cli/values.ts";
import type { Subcommanded } from "../../lib/composite.ts";
import { UserError } from "../../lib/errors.ts";
import type { CommonOptions } from "../../lib/task.ts";

export type SourceKind = "direct" | "postgrest";

export interface Own extends Subcommanded {
  readonly from?: SourceKind;
  readonly sourceSchema?: string;
  readonly targetSchema?: string;
  readonly tables?: readonly string[];
  readonly all?: boolean;
  readonly preserve?: readonly string[];
  readonly schemaFile?: string;
  readonly dropExisting?: boolean;
  readonly functions?: boolean;
  /** As it was typed; PostgreSQL reads it. */
  readonly since?: string;
  readonly deleteMissing?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
}

export type Options = CommonOptions & Own & { readonly maxWait?: number };

const text = (describe: string): YargsOptions => ({ type: "string", requiresArg: true, describe });

/** Names as they are in the database; one with a comma in it has to be left to --all. */
const names = (flag: string, describe: string): YargsOptions => ({
  ...text(describe),
  coerce: (value: unknown) => {
    if (value === undefined) return undefined;
    const list = [
      ...new Set(
        String(value)
          .split(",")
          .map((name) => name.trim()),
      ),
    ];
    if (list.includes("")) throw new UserError(`${flag} takes names of tables, with a comma between, not "${value}".`);
    return list;
  },
});

const DATE_OR_TIME =
  /^(\d{4,})-(\d\d)-(\d\d)([ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?( ?(Z|[+-](0\d|1[0-5])(:?[0-5]\d)?))?)?$/;

/** PostgreSQL would refuse a day that no month has, but only once the run has begun. */
function isDateOrTime(text: string): boolean {
  const [, year, month, day] = (DATE_OR_TIME.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  const date = new Date(Date.UTC(2000 + (year % 400), month - 1, day)); // the calendar repeats itself
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

export const OWN_OPTIONS: Readonly<Record<string, YargsOptions>> = {
  from: {
    ...text("read from this kind of source (default: direct where SOURCE_DATABASE_URL is set)"),
    choices: ["direct", "postgrest"],
  },
  "source-schema": text("the schema that moves (default: public, or what PostgREST shows first)"),
  "target-schema": text("the schema that it moves to (default: the source's name)"),
  tables: names("--tables", "only these tables"),
  all: { type: "boolean", default: false, describe: "all tables of the schema; as without --tables, and said aloud" },
  preserve: names("--preserve", "tables of the target that nothing may write to"),
  "schema-file": text("schema: statements that make the tables, for a source that can't show how"),
  "drop-existing": { type: "boolean", default: false, describe: "schema: drop the tables that are there first" },
  functions: { type: "boolean", default: false, describe: "schema: make triggers and all functions, too" },
  since: {
    ...text("sync: compare only rows that say they changed since, such as 2025-11-16 or 2025-11-16T08:00"),
    coerce: (value: unknown) => {
      if (value === undefined || isDateOrTime(String(value))) return value;
      throw new UserError(`--since takes a date or a time such as 2025-11-16 or 2025-11-16T08:00, not "${value}".`);
    },
  },
  "delete-missing": { type: "boolean", default: false, describe: "sync: delete rows that are gone at the source" },
  timeout: { ...duration("--timeout"), describe: "how long one answer of PostgREST may take" },
};

/** Options of one subcommand, by the name that the program gives them. */
const BELONGS: readonly (readonly [keyof Own, string, string])[] = [
  ["schemaFile", "--schema-file", "schema"],
  ["dropExisting", "--drop-existing", "schema"],
  ["functions", "--functions", "schema"],
  ["since", "--since", "sync"],
  ["deleteMissing", "--delete-missing", "sync"],
];
/** `plan` tells of what `schema` would do. */
const ALSO: Readonly<Record<string, readonly string[]>> = { schema: ["plan"] };

/** Throws a UserError for options that don't go together. */
export function checkOptions(options: Options): void {
  const { step, all, tables, dropExisting, retryErrors, limit } = options;
  for (const [name, flag, owner] of BELONGS)
    if (options[name] && step !== undefined && step !== owner && !ALSO[owner]?.includes(step))
      throw new UserError(`${flag} belongs to ${owner}: leave it out, or run ${owner}.`);
  if (all && tables !== undefined)
    throw new UserError("--all and --tables exclude each other: the one means every table, the other these.");
  if (dropExisting && !all && tables === undefined)
    throw new UserError("--drop-existing wants to be told what it drops: add --tables a,b or --all.");
  if ((retryErrors || limit !== undefined) && step !== undefined && step !== "copy" && step !== "sync")
    throw new UserError(`${retryErrors ? "--retry-errors" : "--limit"} belongs to copy and sync.`);
}

/** What a checkpoint belongs to. */
export const selectionOf = (options: Own): Record<string, string> => {
  const { step = "", from, sourceSchema, targetSchema, tables, preserve, since, deleteMissing } = options;
  const chosen = {
    step,
    from,
    "source-schema": sourceSchema,
    "target-schema": targetSchema,
    tables: tables?.toSorted().join(","),
    preserve: preserve?.toSorted().join(","),
    ...(step === "sync" ? { since, "delete-missing": deleteMissing ? "" : undefined } : {}),
  };
  const given = Object.entries(chosen).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return Object.fromEntries(given);
};
