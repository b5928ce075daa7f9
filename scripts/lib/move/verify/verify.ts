/**
 * Proves that tables were moved: every row by a hash of its content, what refers to what, sequences, and a row that is inserted and
 * taken back. What could not be looked at is as bad as what is wrong.
 */
import PQueue from "p-queue";
import { withPatience } from "../../db/patience.ts";
import { describeError } from "../../db/pg-errors.ts";
import { inTransaction } from "../../db/transaction.ts";
import { MustWait, UserError } from "../../errors.ts";
import type { Catalog, Table } from "../catalog-types.ts";
import { setCanonical, shapeOf } from "./canonical.ts";
import { type Comparison, compareSides } from "./compare.ts";
import { tryInsert } from "./insert.ts";
import { findOrphans } from "./orphans.ts";
import { checkPreserved } from "./preserved.ts";
import { checkFreeSequences, checkSequences } from "./sequences.ts";
import { type Pair, type Parties, withSides } from "./sides.ts";
import { addUp, type Findings, NOT_COMPARED, type TableVerdict, type Verdict } from "./verdict.ts";

export interface Verification extends Parties {
  /** Those that were moved, as the source has them. */
  readonly tables: readonly Table[];
  readonly sourceCatalog: Catalog;
  readonly targetCatalog: Catalog;
  /** Tables of the target that had to stay as they were. */
  readonly preserved: readonly string[];
  /** The run that kept what these held; null where none has. */
  readonly preservedBy: number | null;
  /** Whether the database itself refused us to write to them. */
  readonly guarded: boolean;
  /** Rows are inserted and taken back; not in a dry run, which may write nothing. */
  readonly tryInserts: boolean;
  /** How many differences of a table are listed; all are counted. */
  readonly list: number;
  /** Tables at a time. */
  readonly workers: number;
  readonly signal: AbortSignal;
  /** Told of each table once it is done. */
  readonly onTable?: (verdict: TableVerdict) => void;
}

export async function verify(asked: Verification): Promise<Verdict> {
  const queue = new PQueue({ concurrency: asked.workers });
  const tables = await queue.addAll(
    asked.tables.map((table) => async () => {
      asked.signal.throwIfAborted();
      const verdict = await verifyTable(asked, table);
      asked.onTable?.(verdict);
      return verdict;
    }),
  );
  const rest = addUp([
    await attempt(asked, () => verifyFree(asked)),
    await attempt(asked, () => verifyPreserved(asked)),
  ]);
  const stats = {
    tables: tables.length,
    tablesVerified: tables.filter(({ verified }) => verified).length,
    differences: tables.reduce((sum, { missing, extra, changed }) => sum + missing + extra + changed, 0),
    errors: tables.reduce((sum, { problems }) => sum + problems.length, rest.problems.length),
  };
  return { tables, ...rest, stats, passed: stats.tablesVerified === stats.tables && rest.problems.length === 0 };
}

async function verifyTable(asked: Verification, source: Table): Promise<TableVerdict> {
  const target = asked.targetCatalog.tables.find(({ name }) => name === source.name);
  const keyed = source.constraints.some(({ kind }) => kind === "primary");
  if (target === undefined) {
    const problems = ["the target has no such table"];
    return { table: source.name, keyed, ...NOT_COMPARED, problems, information: [], verified: false };
  }
  const pair = { source, target };
  let comparison = NOT_COMPARED;
  const findings = addUp([
    await attempt(asked, async () => {
      comparison = await withSides(asked, pair, {}, (sides) =>
        compareSides(sides.source, sides.target, sides.shape, asked.list),
      );
      return judge(asked, pair, comparison);
    }),
    await attempt(asked, () => lookAround(asked, pair)),
    asked.tryInserts ? await attempt(asked, () => tryInsert(asked.target, asked.schema, target)) : notTried,
  ]);
  const { missing, extra, changed } = comparison;
  const verified = missing + extra + changed + findings.problems.length === 0;
  return { table: source.name, keyed, ...comparison, ...findings, verified };
}

const notTried: Findings = { problems: [], information: ["no insert was tried: this is a dry run"] };

/** What the numbers of a comparison say besides. */
async function judge({ source }: Parties, pair: Pair, comparison: Comparison): Promise<Findings> {
  const problems = shapeOf(pair.source, pair.target, []).absent.map((column) => `the target has no column ${column}`);
  if (comparison.unsettled) problems.push("rows were changed while they were compared: verify again");
  if (source.kind === "postgrest") {
    const counted = await source.count(pair.source, { table: pair.source.name, after: null, until: null });
    if (counted !== comparison.sourceRows)
      problems.push(`the source counts ${counted} rows, and its pages held ${comparison.sourceRows}`);
  }
  return { problems, information: [] };
}

const lookAround = ({ target, ...parties }: Verification, pair: Pair): Promise<Findings> =>
  inTransaction(target, { readOnly: true }, async (tx) => {
    await setCanonical(tx);
    return addUp([await findOrphans(tx, parties, pair), await checkSequences(tx, parties.schema, pair.target.name)]);
  });

/** Sequences that no column owns: only the source tells where they should stand. */
function verifyFree({ target, schema, sourceCatalog }: Verification): Promise<Findings> {
  const free = sourceCatalog.sequences.flatMap(({ name, last, ownedBy }) =>
    ownedBy === null && typeof last === "string" ? [[name, last] as const] : [],
  );
  return inTransaction(target, { readOnly: true }, (tx) => checkFreeSequences(tx, schema, new Map(free)));
}

function verifyPreserved(asked: Verification): Promise<Findings> {
  const { target, schema, preserved, preservedBy: runId, guarded, targetCatalog } = asked;
  return inTransaction(target, { readOnly: true }, async (tx) => {
    await setCanonical(tx);
    const found: Findings[] = [];
    for (const name of preserved) {
      const table = targetCatalog.tables.find((one) => one.name === name);
      if (table === undefined || runId === null) {
        const why = table === undefined ? "it is gone" : "nothing is known of what it held before";
        found.push({ problems: [`${schema}.${name}: ${why}`], information: [] });
      } else found.push(await checkPreserved(tx, { runId, schema, table, guarded }));
    }
    return addUp(found);
  });
}

/** Runs a check; why it could not be done is a problem like any other. Waits and mistakes of the user's end the run. */
async function attempt({ signal }: Verification, check: () => Promise<Findings>): Promise<Findings> {
  try {
    return await withPatience({ signal }, check);
  } catch (error) {
    if (signal.aborted || error instanceof MustWait || error instanceof UserError) throw error;
    return { problems: [`could not be verified: ${describeError(error)}`], information: [] };
  }
}
