/**
 * Measures what the importers share: the sink against hand-written inserts of the same rows, the memory of whole runs, and how well
 * a run keeps to a service's limit. On made-up data, in databases of its own; ignores DATABASE_URL and .env.
 */
import { holdContest, runAtALimit, runThroughEngine, withFresh } from "./lib/bench/importers/measurements.ts";
import { contestTable, importerBarsTable, memoryTable } from "./lib/bench/importers/tables.ts";
import { describeMachine } from "./lib/bench/machine.ts";
import { checkPage, publish } from "./lib/bench/page.ts";
import type { Table } from "./lib/bench/table.ts";
import { runCommand } from "./lib/cli/command.ts";
import { wholeNumber } from "./lib/cli/values.ts";
import { parseAddress } from "./lib/db/address.ts";
import { withDatabase } from "./lib/db/database.ts";
import { isStarted } from "./lib/main.ts";
import { withOwnServer } from "./lib/own-database.ts";
import { formatCount } from "./lib/report/format.ts";
import { createPrinter } from "./lib/report/printer.ts";

const NAME = "npm run bench:importers";

const COMMAND = {
  name: `${NAME} --`,
  usage: "$0 [options]\n\nMeasures what the importers share, on made-up data.",
  options: {
    messages: {
      ...wholeNumber("--messages", { min: 10, max: 100_000_000 }),
      describe: "of the larger run; a tenth of it is stored by all others (default 1000000)",
    },
    rounds: { ...wholeNumber("--rounds", { min: 1, max: 99 }), describe: "how often each is measured (default 3)" },
    requests: {
      ...wholeNumber("--requests", { min: 1, max: 100_000 }),
      describe: "of the run that a limit holds back (default 200)",
    },
    write: { type: "boolean", default: false, describe: "write the tables into docs/performance.md" },
  },
} as const;

interface Choice {
  readonly messages: number;
  readonly rounds: number;
  readonly requests: number;
  readonly write: boolean;
}

/** What a test may replace. */
export const PAGE = new URL("../docs/performance.md", import.meta.url);

async function bench(choice: Choice, page: URL): Promise<number> {
  if (choice.write) await checkPage(page, NAME);
  const { line } = createPrinter(process.stdout);
  const tables = await measureAll(choice, line);
  await publish(tables, { line, write: choice.write, page, command: NAME });
  return 0;
}

const measureAll = ({ messages, rounds, requests }: Choice, say: (line: string) => void): Promise<Table[]> =>
  withOwnServer("bench-importers", say, (server) =>
    withFresh(server, async (onFresh) => {
      const tenth = Math.ceil(messages / 10);
      say(`Storing ${formatCount(tenth)} messages, by the sink and by hand...`);
      const contest = await holdContest(tenth, rounds, onFresh);
      say(`Whole runs of ${formatCount(tenth)} and ${formatCount(messages)} messages...`);
      const runs = [await runThroughEngine(tenth, onFresh), await runThroughEngine(messages, onFresh)] as const;
      say(`A run of ${formatCount(requests)} requests at a limit...`);
      const limited = await runAtALimit(requests, onFresh);
      const machine = await onFresh((url) => withDatabase(parseAddress(url), { max: 1 }, (db) => describeMachine(db)));
      return [contestTable(contest), memoryTable(runs), importerBarsTable(contest, runs, limited), machine];
    }),
  );

/** Runs the script as its command line says; returns the exit code. */
export const main = (argv: readonly string[], page = PAGE): Promise<number> =>
  runCommand(COMMAND, argv, ({ messages, rounds, requests, write }) =>
    bench(
      {
        messages: (messages as number | undefined) ?? 1_000_000,
        rounds: (rounds as number | undefined) ?? 3,
        requests: (requests as number | undefined) ?? 200,
        write,
      },
      page,
    ),
  );

if (isStarted(import.meta)) process.exitCode = await main(process.argv.slice(2));
