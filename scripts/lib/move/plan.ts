/** The `plan` step: what a move would carry, in which order, what differs, what stays behind, and how long it may take. Only reads. */
import type { Queryable } from "../db/database.ts";
import { quoteName } from "../db/quote.ts";
import type { Catalog, Table } from "./catalog-types.ts";
import { diffTables } from "./diff.ts";
import { orderTables, parentsOf } from "./order.ts";
import { ownTables } from "./own-tables.ts";
import { collisionsOf } from "./plan/collisions.ts";
import { notCarried, notShown } from "./plan/left-behind.ts";
import type { MovePlan, PlannedTable, Survey } from "./plan/plan-types.ts";
import type { Source } from "./source.ts";

/** Counting more rows than that takes longer than an estimate is worth. */
const MOST_COUNTED = 50_000_000;

/** What one process moves in a second on a machine of two cores, with room to spare; whichever takes longer counts. */
const PACES = {
  direct: { rows: 40_000, bytes: 25_000_000 },
  postgrest: { rows: 10_000, bytes: 8_000_000 },
} as const;

export type * from "./plan/plan-types.ts";

/** Draws up the plan of a move. */
export async function drawPlan(survey: Survey): Promise<MovePlan> {
  const { source, catalog, db, target, targetName, selection } = survey;
  const { items, cycles } = orderTables(selection.tables, catalog.schema);
  const names = new Set(items.map(({ name }) => name));
  const tables: PlannedTable[] = [];
  for (const table of items) {
    const behind = parentsOf(table, catalog.schema).filter((name) => names.has(name) && name !== table.name);
    tables.push({
      name: table.name,
      ...(await sizeOf(source, table)),
      behind,
      rowsInTarget: await countIn(db, target, table.name),
    });
  }
  const preserved = [];
  for (const name of selection.preserved) preserved.push({ name, rows: (await countIn(db, target, name)) ?? 0 });
  const own = await ownTables(db, target.schema);
  // A namesake of the suite's own is another table: it collides, and there is nothing to compare.
  const compared = selection.tables.filter(({ name }) => !own.has(name));
  const differences = diffTables(catalog, target, compared);
  const collisions = await collisionsOf(survey);
  const total = (of: "rows" | "bytes") => tables.reduce((sum, table) => sum + table[of], 0);
  return {
    from: { name: source.display, schema: catalog.schema, kind: source.kind },
    to: { name: targetName, schema: target.schema },
    tables,
    rows: total("rows"),
    bytes: total("bytes"),
    estimateMs: estimate(source.kind, total("rows"), total("bytes")),
    cycles,
    preserved,
    differences,
    collisions,
    notCarried: notCarried(catalog, selection),
    notShown: notShown(catalog),
    notes: survey.notes ?? [],
    loses: collisions.length > 0 || differences.some(({ effect }) => effect === "loses"),
  };
}

async function sizeOf(source: Source, table: Table): Promise<Pick<PlannedTable, "rows" | "exact" | "bytes">> {
  const { name, estimatedRows, bytes } = table;
  if (estimatedRows > MOST_COUNTED) return { rows: estimatedRows, exact: false, bytes };
  return { rows: await source.count(table, { table: name, after: null, until: null }), exact: true, bytes };
}

async function countIn(db: Queryable, { schema, tables }: Catalog, name: string): Promise<number | null> {
  const there = tables.find((table) => table.name === name);
  if (there === undefined) return null;
  if (there.estimatedRows > MOST_COUNTED) return there.estimatedRows;
  const from = `${quoteName(schema)}.${quoteName(name)}`;
  const { rows } = await db.query<{ n: string }>(`select count(*)::text as n from ${from}`);
  return Number(rows[0]?.n);
}

const estimate = (kind: Source["kind"], rows: number, bytes: number): number =>
  1_000 * Math.max(rows / PACES[kind].rows, bytes / PACES[kind].bytes);
