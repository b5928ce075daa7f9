/**
 * Measures batch 10 against what else moves a database, pg_dump with psql and pgcopydb, and against reading alone where PostgREST is
 * the source. On made-up data, on a server of its own: this system's PostgreSQL where there is one. Ignores DATABASE_URL and .env.
 */
import { describeMachine } from "./lib/bench/machine.ts";
import { type Ground, withGround } from "./lib/bench/move/ground.ts";
import { measureServed } from "./lib/bench/move/postgrest.ts";
import { raceMoves } from "./lib/bench/move/race.ts";
import { withSystemServer } from "./lib/bench/move/server.ts";
import { moveBarsTable, movesTable, servedTable } from "./lib/bench/move/tables.ts";
import { checkPage, publish } from "./lib/bench/page.ts";
import type { Table } from "./lib/bench/table.ts";
import { runCommand } from "./lib/cli/command.ts";
import { listOf, wholeNumber } from "./lib/cli/values.ts";
import { parseAddress } from "./lib/db/address.ts";
import { withDatabase } from "./lib/db/database.ts";
import { UserError } from "./lib/errors.ts";
import { isStarted } from "./lib/main.ts";
import type { OwnServer } from "./lib/own-database.ts";
import { formatCount } from "./lib/report/format.ts";
import { createPrinter } from "./lib/report/printer.ts";

const NAME = "npm run bench:move";
const PARTS = ["direct", "postgrest"] as const;
type Part = (typeof PARTS)[number];

/** What comes from behind PostgREST: enough that the start of a process hardly counts. */
const SERVED_PART = 4;

const COMMAND = {
  name: `${NAME} --`,
  usage: "$0 [options]\n\nMeasures the move of a whole database, on made-up data.",
  options: {
    rows: {
      ...wholeNumber("--rows", { min: 100, max: 100_000_000 }),
      describe: "rows that move; a quarter of them from behind PostgREST (default 2000000)",
    },
    rounds: { ...wholeNumber("--rounds", { min: 1, max: 99 }), describe: "how often each is measured (default 3)" },
    only: { ...listOf("--only", PARTS), describe: `parts, out of ${PARTS.join(",")} (default all)` },
    write: { type: "boolean", default: false, describe: "write the tables into docs/performance.md" },
  },
} as const;

interface Choice {
  readonly rows: number;
  readonly rounds: number;
  readonly parts: readonly Part[];
  readonly write: boolean;
}

/** What a test may replace. */
export const PAGE = new URL("../docs/performance.md", import.meta.url);

async function bench(choice: Choice, page: URL): Promise<number> {
  if (choice.write && choice.parts.length < PARTS.length)
    throw new UserError("--write writes down all parts: leave --only out.");
  if (choice.write) await checkPage(page, NAME);
  const { line } = createPrinter(process.stdout);
  const tables = await withSystemServer("bench-move", line, (server) => measureAll(server, choice, line));
  await publish(tables, { line, write: choice.write, page, command: NAME });
  return 0;
}

async function measureAll(server: OwnServer, choice: Choice, say: (line: string) => void): Promise<Table[]> {
  const { rounds, parts } = choice;
  const on = <T>(rows: number, work: (ground: Ground) => Promise<T>): Promise<T> => {
    say(`Making a database of ${formatCount(rows)} rows...`);
    return withGround(server, rows, work);
  };
  let machine: Table | undefined;
  const describe = async ({ source }: Ground) => {
    machine ??= await withDatabase(parseAddress(source), { max: 1 }, (db) => describeMachine(db));
  };
  const race = parts.includes("direct")
    ? await on(choice.rows, async (ground) => {
        await describe(ground);
        return raceMoves(ground, rounds, say);
      })
    : undefined;
  const served = parts.includes("postgrest")
    ? await on(Math.ceil(choice.rows / SERVED_PART), async (ground) => {
        await describe(ground);
        return measureServed(ground, rounds, say);
      })
    : [];
  return [
    ...(race === undefined ? [] : [movesTable(race, false), movesTable(race, true)]),
    ...(served.length === 0 ? [] : [servedTable(served)]),
    moveBarsTable(race, served),
    ...(machine === undefined ? [] : [machine]),
  ].filter(({ rows }) => rows.length > 0);
}

/** Runs the script as its command line says; returns the exit code. */
export const main = (argv: readonly string[], page = PAGE): Promise<number> =>
  runCommand(COMMAND, argv, ({ rows, rounds, only, write }) =>
    bench(
      {
        rows: (rows as number | undefined) ?? 2_000_000,
        rounds: (rounds as number | undefined) ?? 3,
        parts: (only as Part[] | undefined) ?? PARTS,
        write,
      },
      page,
    ),
  );

if (isStarted(import.meta)) process.exitCode = await main(process.argv.slice(2));
