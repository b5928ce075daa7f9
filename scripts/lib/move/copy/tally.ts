/** Numbers by table, as counters of the run: `created clients`. */
import type { PageResult } from "../../page.ts";
import type { Moved } from "./tables.ts";

/** What became of one table's rows. */
export interface Tally {
  readonly table: string;
  readonly rowsRead: number;
  readonly rowsInserted: number;
  readonly rowsExisting: number;
  readonly rowsQuarantined: number;
}

const KINDS = ["fetched", "created", "unchanged", "quarantined"] as const;

/** The result with its numbers counted for the table, too. */
export function countedFor({ table: { name } }: Moved, result: PageResult): PageResult {
  const counters = KINDS.map((kind) => [`${kind} ${name}`, result[kind] ?? 0] as const);
  return { ...result, counters: Object.fromEntries(counters) };
}

/** The numbers of each of these tables, out of a run's counters. */
export const tallyOf = (counters: Readonly<Record<string, number>>, tables: readonly string[]): Tally[] =>
  tables.map((table) => {
    const [rowsRead, rowsInserted, rowsExisting, rowsQuarantined] = KINDS.map(
      (kind) => counters[`${kind} ${table}`] ?? 0,
    );
    return {
      table,
      rowsRead: rowsRead ?? 0,
      rowsInserted: rowsInserted ?? 0,
      rowsExisting: rowsExisting ?? 0,
      rowsQuarantined: rowsQuarantined ?? 0,
    };
  });
