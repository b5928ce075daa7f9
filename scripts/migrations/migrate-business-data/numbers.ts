/** What the runs of batch 10 count, under the names that all of them share. */
import type { Stats } from "../../lib/journal/runs.ts";
import { tallyOf } from "../../lib/move/copy.ts";
import type { Details, Totals } from "../../lib/task.ts";

export const LABELS = {
  tables: "Tables",
  rowsRead: "Rows read",
  rowsInserted: "Rows inserted",
  rowsUpdated: "Rows updated",
  rowsExisting: "Rows existing",
  rowsQuarantined: "Rows in quarantine",
  rowsDeleted: "Rows deleted",
  tablesVerified: "Tables verified",
  differences: "Differences",
} as const;

const ROWS = ["rowsRead", "rowsInserted", "rowsUpdated", "rowsExisting", "rowsQuarantined", "rowsDeleted"] as const;

/** What adds up of a table; a row that is gone is counted, not done. */
export const SUMS_OF_TABLE: readonly string[] = ROWS;

type Number = keyof typeof LABELS;

/** Of a run that is about so many tables. */
export const numbersOf = (totals: Totals, tables: number): Stats => ({
  tables,
  rowsRead: totals.fetched,
  rowsInserted: totals.created,
  rowsUpdated: totals.updated,
  rowsExisting: totals.unchanged,
  rowsQuarantined: totals.quarantined,
  rowsDeleted: totals.counters.rowsDeleted ?? 0,
  tablesVerified: totals.counters.tablesVerified ?? 0,
  differences: totals.counters.differences ?? 0,
});

/** Of a run whose items are tables: it moves no rows. */
export const numbersOfLook = (totals: Totals): Stats =>
  numbersOf({ ...totals, fetched: 0, created: 0, unchanged: 0, quarantined: 0 }, totals.fetched);

/** Whether a run changed rows of the target. */
export const movedAny = (stats: Stats): boolean =>
  (stats.rowsInserted ?? 0) + (stats.rowsUpdated ?? 0) + (stats.rowsDeleted ?? 0) > 0;

/** Of several runs in a row: rows add up; of tables and of what a verification found, the last one that looked tells. */
export function addUp(all: readonly Stats[]): Stats {
  const sum = (name: Number) => all.reduce((total, stats) => total + (stats[name] ?? 0), 0);
  const verified = all.findLast(({ tablesVerified = 0, differences = 0 }) => tablesVerified + differences > 0);
  return {
    tables: all.findLast(({ tables = 0 }) => tables > 0)?.tables ?? 0,
    ...Object.fromEntries(ROWS.map((name) => [name, sum(name)])),
    tablesVerified: verified?.tablesVerified ?? 0,
    differences: verified?.differences ?? 0,
    errors: all.at(-1)?.errors ?? 0,
  };
}

/** What became of each table's rows. */
export function detailsOf({ counters }: Totals, tables: readonly string[]): Details {
  const told = tallyOf(counters, tables).map(({ table, ...numbers }) => ({
    table,
    ...numbers,
    rowsUpdated: counters[`updated ${table}`] ?? 0,
    rowsDeleted: counters[`deleted ${table}`] ?? 0,
    rowsGone: counters[`gone ${table}`] ?? 0,
  }));
  return { tables: told };
}
