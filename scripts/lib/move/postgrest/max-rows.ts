/** How many rows PostgREST lets out at a time. It clips every page to that without a word. */
import { keyOf, type Table } from "../catalog-types.ts";
import type { Client } from "./client.ts";
import { MOST_ROWS, Pages } from "./pages.ts";

export interface MaxRows {
  readonly rows: number;
  /** False where no page was clipped: it may be more. */
  readonly exact: boolean;
}

/** Reads the largest table's first keys, and whether there are more behind them. */
export async function findMaxRows(client: Client, tables: readonly Table[]): Promise<MaxRows> {
  const [largest] = tables
    .filter((table) => keyOf(table).length > 0)
    .toSorted((one, other) => other.estimatedRows - one.estimatedRows);
  if (largest === undefined) return { rows: 0, exact: false };
  const pages = new Pages(client);
  const whole = { table: largest.name, after: null, until: null };
  const page = await pages.first(largest, whole, "keys");
  if (page === undefined) return { rows: 0, exact: false };
  const next = await pages.first(largest, { ...whole, after: page.until }, "keys", { items: 1 });
  return { rows: page.rows, exact: next !== undefined && page.rows < MOST_ROWS };
}
