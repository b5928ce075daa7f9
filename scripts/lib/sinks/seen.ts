/** What a dry run remembers of the pages that it has counted: whatever they would have made or changed. */
import { deterministicId } from "../deterministic-id.ts";
import { IdTable } from "./id-table.ts";

/** Of one dry run. */
export interface Seen {
  readonly made: IdTable;
  readonly counted: IdTable;
  /** Customers by what they are found by. */
  readonly customers: IdTable;
}

const runs = new WeakMap<object, Seen>();

const newSeen = (below?: Seen): Seen => ({
  made: new IdTable({ ...(below && { below: below.made }) }),
  counted: new IdTable({ ...(below && { below: below.counted }) }),
  customers: new IdTable({ values: true, ...(below && { below: below.customers }) }),
});

/** Lets `work` see what was seen before, and add to it; where it fails, or is only a trial, nothing was seen. */
export async function seeing<T>(seen: Seen, work: (seen: Seen) => Promise<T>, { trial = false } = {}): Promise<T> {
  const fresh = newSeen(seen);
  const result = await work(fresh);
  if (!trial) for (const table of Object.values(fresh) as IdTable[]) table.sink();
  return result;
}

/** What the run that uses this database has seen. */
export function seenBy(db: object): Seen {
  const known = runs.get(db);
  if (known !== undefined) return known;
  const fresh = newSeen();
  runs.set(db, fresh);
  return fresh;
}

/** Those of the ids that were not counted before for this reason. */
export const countOnce = ({ counted }: Seen, reason: string, ids: readonly string[]): number =>
  ids.filter((id) => counted.add(deterministicId(reason, id))).length;
