/** `verify`: proves that both sides hold the same, row by row, and that the target's tables work. */
import { availableParallelism } from "node:os";
import type { Queryable } from "../../lib/db/database.ts";
import { quoteName } from "../../lib/db/quote.ts";
import { hasJournal } from "../../lib/journal/runs.ts";
import { listLater } from "../../lib/move/later.ts";
import type { Verdict } from "../../lib/move/verify/verdict.ts";
import { type Verification, verify } from "../../lib/move/verify/verify.ts";
import { tableLines, verdictLines } from "../../lib/move/verify/words.ts";
import { folderSchema } from "../../lib/schema/folder-schema.ts";
import { type Context, type Details, defineSchemaBatch, type ItemError, type PageResult } from "../../lib/task.ts";
import { BASE_OF_LOOK, LABELS_OF_VERIFY } from "./base.ts";
import { partiesOf } from "./copy.ts";
import { NAME } from "./name.ts";
import { keeperOf, keptBy } from "./preserved.ts";
import type { Route, Sides } from "./route.ts";

/** Each reads a table on both sides. */
const MOST_WORKERS = 4;
const LISTED = 20;

export async function verifyBatch(route: Route) {
  const sides = await route.look();
  const folder = folderSchema(NAME);
  let verdict: Verdict | undefined;
  async function look(context: Context): Promise<PageResult> {
    const hides = (await sides.visibility())?.rows === "filtered";
    verdict = await verify(await verificationOf(route, sides, context));
    for (const line of verdictLines(verdict)) context.say(`  ${line}`);
    const { tables, tablesVerified, differences } = verdict.stats;
    if (differences > 0)
      context.say("  What changed at the source since the copy, `sync` brings over; verify again after it.");
    const hidden = { key: "source", code: "filtered", message: "It hides rows from the key's role." };
    return {
      fetched: tables,
      unchanged: tables,
      counters: { tablesVerified, differences },
      problems: [...problemsOf(verdict), ...(await stillWaiting(context.db, sides)), ...(hides ? [hidden] : [])],
    };
  }
  return defineSchemaBatch({
    ...BASE_OF_LOOK,
    labels: LABELS_OF_VERIFY,
    title: "Verify that a database was moved",
    steps: ["Comparing both sides", "Recording audit log"],
    schema: {
      plan: look,
      apply: async (context) => {
        await folder.apply(context);
        return look(context);
      },
    },
    details: () => detailsOf(verdict),
  });
}

/** What `schema` left for the time when the rows are there, and nobody has made since. */
async function stillWaiting(db: Queryable, { target: { schema }, selection }: Sides): Promise<ItemError[]> {
  if (!(await hasJournal(db))) return [];
  const names = selection.tables.map(({ name }) => `${quoteName(schema)}.${quoteName(name)}`);
  const later = await listLater(db, names);
  return later.map(({ table, kind, name }) => ({
    key: table,
    code: "not made",
    message: `The ${kind} ${name} still waits for the rows: run \`copy\`.`,
  }));
}

async function verificationOf({ options, signal }: Route, sides: Sides, { db, say }: Context): Promise<Verification> {
  const { catalog, target, selection } = sides;
  const keeper = await keeperOf(db);
  // One that is gone by now is not among the target's tables: that it was there, its keeper knows.
  const kept = keeper === null ? [] : await keptBy(db, keeper, target.schema, options.preserve ?? []);
  return {
    ...partiesOf(sides),
    target: db,
    tables: selection.tables,
    sourceCatalog: catalog,
    targetCatalog: target,
    preserved: [...new Set([...selection.preserved, ...kept])],
    preservedBy: keeper,
    guarded: keeper !== null, // whoever kept them guards them, too
    tryInserts: !options.dryRun,
    list: LISTED,
    workers: options.workers ?? Math.min(MOST_WORKERS, availableParallelism()),
    signal,
    onTable: (one) => {
      for (const line of tableLines(one, options)) say(`  ${line}`);
    },
  };
}

/** One for each table that is not proven equal, and for what is wrong besides. */
const problemsOf = ({ tables, problems }: Verdict): ItemError[] => [
  ...tables
    .filter(({ verified }) => !verified)
    .map(({ table, missing, extra, changed, problems: [first] }) => ({
      key: table,
      code: "not verified",
      message: first ?? `${missing} rows missing, ${extra} extra, ${changed} differ`,
    })),
  ...problems.map((message) => ({ key: "target", code: "not verified", message })),
];

const detailsOf = (verdict: Verdict | undefined): Details =>
  verdict === undefined ? {} : { tables: verdict.tables.map((one) => ({ ...one })) };
