/** Who is measured: each writes the same conversations and messages, in its own way. */
import { parseAddress } from "../db/address.ts";
import { withDatabase } from "../db/database.ts";
import { readSql } from "../sql-file.ts";
import { type Measured, measure, measureProcess, measureScript } from "./measure.ts";
import type { Size } from "./reference.ts";

const BATCH = "backfill-conversations-messages";
const HAND_WRITTEN = new URL("contestants/hand-written.sql", import.meta.url);
const FOLDER = "scripts/lib/bench/contestants";

/** Row by row takes too long for all: one message of so many audits, and no more than so many. */
const AUDITS_A_ROW = 200;
const MAX_ROWS = 5_000;

/** What `--only` chooses from. */
export const PARTS = ["statement", "prisma", "rows", "ours", "growth", "writer"] as const;
export type Part = (typeof PARTS)[number];

/** What each is called in the tables. */
export const NAMES = {
  statement: "hand-written statement",
  createMany: "Prisma createMany, 1,000 rows each",
  rowByRow: "Prisma create, row by row",
  oneWorker: "batch 4, 1 worker",
  twoWorkers: "batch 4, 2 workers",
  again: "batch 4 again, 2 workers",
  dryRun: "batch 4, dry run",
} as const;

/** Something that is measured, on the database of that URL. */
export interface Contestant {
  readonly name: string;
  /** It does not write all rows: there is nothing to compare. */
  readonly partial?: true;
  run(url: string, size: Size): Promise<Measured>;
}

/** Contestants that follow each other on one clone. */
export interface Turn {
  readonly part: Part;
  /** Measured in the first round only: it takes long, and its place is clear. */
  readonly once?: true;
  /** Its first contestant is also measured at smaller sizes. */
  readonly grows?: true;
  readonly contestants: readonly Contestant[];
}

const ours = (...args: readonly string[]) => ({
  run: (url: string) => measureScript(BATCH, args, url),
});

/** All that are measured, in the order of the first round and of the table. */
export const TURNS: readonly Turn[] = [
  {
    part: "statement",
    grows: true,
    contestants: [{ name: NAMES.statement, run: (url) => measure(() => writeByHand(url)) }],
  },
  {
    part: "prisma",
    once: true,
    contestants: [{ name: NAMES.createMany, run: (url) => measureProcess(`${FOLDER}/create-many.ts`, [], url) }],
  },
  { part: "rows", once: true, contestants: [{ name: NAMES.rowByRow, partial: true, run: writeRowByRow }] },
  { part: "ours", contestants: [{ name: NAMES.oneWorker, ...ours("--workers", "1") }] },
  {
    part: "ours",
    grows: true,
    contestants: [
      { name: NAMES.twoWorkers, ...ours("--workers", "2") },
      { name: NAMES.again, ...ours("--workers", "2") },
    ],
  },
  { part: "ours", contestants: [{ name: NAMES.dryRun, partial: true, ...ours("--dry-run") }] },
];

/** The rival: one statement, into the same indexed tables. */
const writeByHand = (url: string): Promise<unknown> =>
  withDatabase(parseAddress(url), { max: 1 }, (db) => db.query(readSql(HAND_WRITTEN)));

/** A part of the messages, timed from the first on: it is there for its rate. */
async function writeRowByRow(url: string, { audits }: Size): Promise<Measured> {
  const wanted = Math.min(MAX_ROWS, Math.ceil(audits / AUDITS_A_ROW));
  const { peakBytes, out } = await measureProcess(`${FOLDER}/row-by-row.ts`, [String(wanted)], url);
  const { rows, ms } = JSON.parse(out) as { rows: number; ms: number };
  return { ms, rows, peakBytes };
}

/** Batch 4 beside others at work, with two workers; `args` says more. */
export const runBesideOthers = (url: string, args: readonly string[]): Promise<Measured> =>
  measureScript(BATCH, ["--workers", "2", ...args], url);
