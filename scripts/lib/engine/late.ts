/**
 * What arrives behind the cursor while a run is at work: found by an anti-join over the whole source, in one snapshot, and stored.
 * The last such pass proves that in its snapshot nothing is missing. What is committed later belongs to the next run.
 */
import { withPatience } from "../db/patience.ts";
import { inTransaction } from "../db/transaction.ts";
import { takeLease } from "../journal/checkpoint.ts";
import { formatCount } from "../report/format.ts";
import type { Proof } from "../report/report.ts";
import type { Search } from "../task.ts";
import { faultAt } from "./fault.ts";
import { storePages } from "./pages.ts";
import { inJournal, type PagedSession, patienceOf, withPartition } from "./session.ts";
import { Source } from "./source.ts";

/** Where more arrives than this many passes can store, the next run goes on. */
const PASSES = 5;
/** Keys of one pass; they are held in memory. */
const KEYS_AT_A_TIME = 50_000;

/** Stores what arrived meanwhile; undefined where the batch has no notion of it, or nothing is written. */
export async function storeLateItems(session: PagedSession): Promise<Proof | undefined> {
  const { batch, writer, pace } = session;
  if (batch.missing === undefined) return undefined;
  if (writer === undefined) return foresee(session);
  await inJournal(session, writer, (tx) => takeLease(tx, { ...writer.lease, partition: "late" }));
  let arrived = 0;
  for (let passes = 1; ; passes++) {
    const keys = await missing(session, { limit: KEYS_AT_A_TIME });
    arrived += keys.length;
    await storeKeys(withPartition(session, "late"), keys);
    const left = keys.length === 0 ? [] : await missing(session, { limit: 1, among: keys });
    const [first] = left;
    if (first !== undefined || passes === PASSES || keys.length < Math.min(pace.items, KEYS_AT_A_TIME)) {
      const complete = keys.length < KEYS_AT_A_TIME;
      return { passes, arrived, complete, ...(first === undefined ? {} : { missing: first }) };
    }
  }
}

/** A dry run that begins at a checkpoint counts what has arrived behind it. */
async function foresee(session: PagedSession): Promise<undefined> {
  const { resumed, context } = session;
  if (resumed) await storeKeys(session, await missing(session, { limit: KEYS_AT_A_TIME, outside: context.ahead }));
}

async function storeKeys(session: PagedSession, keys: readonly string[]): Promise<void> {
  const { batch, context, pace, report } = session;
  if (keys.length === 0) return;
  report.say(`  ${formatCount(keys.length)} items have arrived behind the cursor`);
  faultAt("late-found");
  // What may fail is the query that finds them, before the first page.
  await storePages(session, new Source(session, () => batch.pagesOf(context, keys, pace.items)));
}

const missing = (session: PagedSession, search: Search): Promise<readonly string[]> => {
  const { batch, context, db } = session;
  return withPatience(patienceOf(session), () =>
    inTransaction(
      db,
      { readOnly: true, oneSnapshot: true },
      async (tx) => (await batch.missing?.(tx, context, search)) ?? [],
    ),
  );
};
