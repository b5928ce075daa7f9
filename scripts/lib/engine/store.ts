import type { Queryable } from "../db/database.ts";
import { withPatience } from "../db/patience.ts";
import { isRowsFault } from "../db/pg-errors.ts";
import { inTransaction, withSavepoint } from "../db/transaction.ts";
import { isSavedBy, saveCursor } from "../journal/checkpoint.ts";
import { type ItemError, LISTED_ERRORS, quarantine, resolve } from "../journal/quarantine.ts";
import type { Page, PageResult } from "../task.ts";
import { faultAt } from "./fault.ts";
import { type PagedSession, patienceOf } from "./session.ts";

/** An item that failed alone, not yet in quarantine. */
export interface Failure {
  readonly page: Page;
  readonly error: ItemError;
}

/** Thrown to roll a probe back. */
class Undo extends Error {}

/** Throws what storing the part would; leaves nothing behind. Without it each part would set aside all that failed before. */
export async function probe(session: PagedSession, part: Page): Promise<void> {
  try {
    await transact(session, async (tx) => {
      await applyOrPlan(session, tx, part, []);
      throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
}

/** One transaction: the failures set aside, the part stored, the cursor saved. */
export async function commit(
  session: PagedSession,
  part: Page | undefined,
  pending: readonly Failure[],
): Promise<void> {
  const { writer, report, failures, pace } = session;
  const cursor = (part ?? pending.at(-1)?.page)?.cursor;
  let startedAt = 0;
  const results = await transact(session, async (tx) => {
    startedAt = performance.now();
    faultAt("page-begin");
    const stored: PageResult[] = [];
    for (const failure of pending) stored.push(await setAside(session, tx, failure));
    if (part !== undefined) stored.push(await store(session, tx, part));
    faultAt("page-stored");
    if (writer !== undefined && cursor !== undefined) await saveCursor(tx, writer.lease, cursor);
    faultAt("page-saved");
    return stored;
  });
  faultAt("page-committed");
  if (part !== undefined) pace.record(part.size, performance.now() - startedAt);
  for (const { error } of pending) {
    report.fail(error);
    failures.count += 1;
    if (failures.first.length < LISTED_ERRORS) failures.first.push(error);
  }
  if (part !== undefined && session.context.options.retryErrors) failures.resolved += part.size;
  for (const result of results) report.add(result);
}

/** Puts the item into quarantine, then stores what its page holds besides, such as the conversation it belongs to. */
async function setAside(session: PagedSession, tx: Queryable, { page, error }: Failure): Promise<PageResult> {
  const { writer } = session;
  if (writer !== undefined) await quarantine(tx, writer.run, error);
  const rest = await withSavepoint(tx, isRowsFault, () => applyOrPlan(session, tx, page, [error.key]));
  return rest ?? { fetched: 1, quarantined: 1 };
}

async function store(session: PagedSession, tx: Queryable, part: Page): Promise<PageResult> {
  const { writer, context } = session;
  const result = await applyOrPlan(session, tx, part, []);
  if (writer !== undefined && context.options.retryErrors && part.key !== undefined)
    await resolve(tx, writer.run.script, [part.key]);
  return result;
}

function applyOrPlan(session: PagedSession, tx: Queryable, page: Page, except: readonly string[]): Promise<PageResult> {
  const { batch, context, writer } = session;
  const pageContext = { ...context, except, retrying: context.options.retryErrors };
  return writer === undefined ? batch.plan(tx, page, pageContext) : batch.apply(tx, page, pageContext);
}

/** A page's transaction: tried again where it fails through nobody's fault. */
const transact = <T>(session: PagedSession, work: (tx: Queryable) => Promise<T>): Promise<T> => {
  const { db, writer, timeouts } = session;
  const options =
    writer === undefined
      ? { readOnly: true }
      : { ...timeouts, tookPlace: (asked: Queryable, xid: string) => isSavedBy(asked, writer.lease, xid) };
  return withPatience(patienceOf(session), () => inTransaction(db, options, work));
};
