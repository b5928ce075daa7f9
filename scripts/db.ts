/**
 * Keeps the project's own PostgreSQL up, for psql and for other scripts, until Ctrl-C. Exits 130, 143 or 129 by the signal that
 * ended it, 2 where something has to be mended first, 1 where PostgreSQL failed.
 */
import { constants } from "node:os";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { acquireServer, DEFAULT_DATABASE } from "./lib/embedded/server.ts";
import { RunFailed, UserError } from "./lib/errors.ts";

const REPEAT_MS = 1_000; // one Ctrl-C under `npx tsx` arrives twice within some 30 ms
const DAY_MS = 86_400_000;

async function main(): Promise<number> {
  const signal = firstSignal();
  const { data } = readOptions();
  const say = (line: string) => console.log(line);
  const server = await acquireServer({ say, ...(data !== undefined && { home: data }) });
  try {
    const url = await server.database(DEFAULT_DATABASE);
    say(`PostgreSQL is up: psql ${url}`);
    say("Ctrl-C ends this; PostgreSQL then stops, unless another script uses it.");
    const name = await signal;
    say(`${name}: letting go of PostgreSQL`);
    return 128 + constants.signals[name];
  } finally {
    await server.release();
  }
}

function readOptions() {
  return yargs(hideBin(process.argv))
    .scriptName("npm run db --")
    .usage("$0\n\nKeeps the project's own PostgreSQL up until Ctrl-C.")
    .option("data", { type: "string", requiresArg: true, describe: "folder of its data (default: .data)" })
    .strict()
    .version(false)
    .fail((message, error) => {
      throw error ?? new UserError(message);
    })
    .parseSync();
}

/** The first signal to end; a later one, unless it is the same Ctrl-C again, ends at once: the stop goes on without us. */
function firstSignal(): Promise<"SIGINT" | "SIGTERM" | "SIGHUP"> {
  let first: number | undefined;
  const awake = setInterval(() => undefined, DAY_MS);
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(name, () => {
        if (first !== undefined && Date.now() - first > REPEAT_MS) process.exit(128 + constants.signals[name]);
        first ??= Date.now();
        clearInterval(awake);
        resolve(name);
      });
    }
  });
}

try {
  process.exit(await main());
} catch (error) {
  const known = error instanceof UserError || error instanceof RunFailed;
  console.error(known ? error.message : error);
  process.exit(error instanceof UserError ? 2 : 1);
}
