/**
 * Measures batch 4 against other ways to write the same rows, on reference data that is made inside databases of its own.
 * Ignores DATABASE_URL and .env. Exits 1 where two contestants did not write the same conversations and messages.
 */
import { barsTable } from "./lib/bench/bars.ts";
import { type Beside, measureBesideWriter } from "./lib/bench/beside-writer.ts";
import { PARTS, type Part, runBesideOthers, TURNS, type Turn } from "./lib/bench/contestants.ts";
import { describeMachine } from "./lib/bench/machine.ts";
import { checkPage, publish } from "./lib/bench/page.ts";
import { race } from "./lib/bench/race.ts";
import { type Reference, type Size, withReferences } from "./lib/bench/reference.ts";
import type { Table } from "./lib/bench/table.ts";
import { contestantsTable, growthTable, writerTable } from "./lib/bench/tables.ts";
import { runCommand } from "./lib/cli/command.ts";
import { listOf, wholeNumber } from "./lib/cli/values.ts";
import { parseAddress } from "./lib/db/address.ts";
import { withDatabase } from "./lib/db/database.ts";
import { UserError } from "./lib/errors.ts";
import { isStarted } from "./lib/main.ts";
import { withOwnServer } from "./lib/own-database.ts";
import { createPrinter } from "./lib/report/printer.ts";

const COMMAND = {
  name: "npm run bench --",
  usage: "$0 [options]\n\nMeasures batch 4 against other ways to write the same rows, on made-up data.",
  options: {
    audits: { ...wholeNumber("--audits", { min: 1, max: 100_000_000 }), describe: "audits (default 1000000)" },
    leads: { ...wholeNumber("--leads", { min: 1, max: 10_000_000 }), describe: "leads (default 50000)" },
    rounds: { ...wholeNumber("--rounds", { min: 1, max: 99 }), describe: "how often each is measured (default 3)" },
    only: { ...listOf("--only", PARTS), describe: `parts, out of ${PARTS.join(",")} (default all)` },
    write: { type: "boolean", default: false, describe: "write the tables into docs/performance.md" },
  },
} as const;

/** Growth is measured at these parts of the size. */
const GROWTH = [100, 10, 1];

interface Choice {
  readonly size: Size;
  readonly rounds: number;
  readonly parts: readonly Part[];
  readonly write: boolean;
}

/** What a test may replace. */
export interface Setting {
  readonly page: URL;
  readonly turns: readonly Turn[];
  /** How long the live writer writes alone. */
  readonly idleMs: number;
}

/** As `npm run bench` measures. */
export const SETTING: Setting = {
  page: new URL("../docs/performance.md", import.meta.url),
  turns: TURNS,
  idleMs: 10_000,
};

async function bench(choice: Choice, setting: Setting): Promise<number> {
  if (choice.write && choice.parts.length < PARTS.length)
    throw new UserError("--write writes down all parts: leave --only out.");
  if (choice.write) await checkPage(setting.page);
  const { line } = createPrinter(process.stdout);
  const sizes = choice.parts.includes("growth") ? sizesUpTo(choice.size) : [choice.size];
  const tables = await withOwnServer("bench", line, (server) =>
    withReferences(server, sizes, line, (references) => measureAll(choice, setting, references, line)),
  );
  await publish(tables, { line, write: choice.write, page: setting.page });
  return 0;
}

/** A hundredth, a tenth, the whole; on few audits some of these are the same. */
function sizesUpTo({ audits, leads }: Size): Size[] {
  const sizes = GROWTH.map((part) => ({ audits: Math.ceil(audits / part), leads: Math.ceil(leads / part) }));
  return sizes.filter((size, index) => sizes[index + 1]?.audits !== size.audits);
}

async function measureAll(
  { size, rounds, parts }: Choice,
  { turns, idleMs }: Setting,
  references: readonly Reference[],
  say: (line: string) => void,
): Promise<Table[]> {
  const raced = await race(turns, parts, references, { rounds, say });
  const sizes = references.map((reference) => reference.size);
  const full = references.at(-1) as Reference;
  const beside = parts.includes("writer") ? await measureBeside(full, idleMs, say) : [];
  const tables = [
    contestantsTable(raced, turns, size),
    ...(parts.includes("growth") ? [growthTable(raced, sizes)] : []),
    ...(beside.length > 0 ? [writerTable(beside)] : []),
    barsTable(raced.results, sizes),
    await full.onClone((url) => withDatabase(parseAddress(url), { max: 1 }, (db) => describeMachine(db))),
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

/** Batch 4 beside a live writer: as it is, and without the gate that gives way to others. */
async function measureBeside(
  reference: Reference,
  idleMs: number,
  say: (line: string) => void,
): Promise<readonly Beside[]> {
  say("Beside a live writer:");
  const runs: Beside[] = [];
  for (const [name, args] of [
    ["with the gate", []],
    ["with --no-gate", ["--no-gate"]],
  ] as const) {
    say(`  ${name}`);
    const work = (url: string) => measureBesideWriter(name, url, idleMs, () => runBesideOthers(url, args));
    runs.push(await reference.onClone(work));
  }
  return runs;
}

/** Runs the script as its command line says; returns the exit code. */
export const main = (argv: readonly string[], setting = SETTING): Promise<number> =>
  runCommand(COMMAND, argv, ({ audits, leads, rounds, only, write }) =>
    bench(
      {
        size: { audits: (audits as number | undefined) ?? 1_000_000, leads: (leads as number | undefined) ?? 50_000 },
        rounds: (rounds as number | undefined) ?? 3,
        parts: (only as Part[] | undefined) ?? PARTS,
        write,
      },
      setting,
    ),
  );

if (isStarted(import.meta)) process.exitCode = await main(process.argv.slice(2));
