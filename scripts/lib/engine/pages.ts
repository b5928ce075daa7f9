import { setTimeout as sleep } from "node:timers/promises";
import type { Queryable } from "../db/database.ts";
import { withPatience } from "../db/patience.ts";
import { describeError, isRowsFault, isTimeout, sqlStateOf } from "../db/pg-errors.ts";
import { inTransaction, withSavepoint } from "../db/transaction.ts";
import { MustWait, RunFailed } from "../errors.ts";
import { saveCursor } from "../journal/checkpoint.ts";
import { type ItemError, LISTED_ERRORS, quarantine, resolve } from "../journal/quarantine.ts";
import type { Ended, Page, PageResult } from "../task.ts";
import { faultAt } from "./fault.ts";
import { type PagedSession, patienceOf } from "./session.ts";

/** A page of this many that fails in every item is the system's fault, not the rows'. */
const HOPELESS_ITEMS = 20;
/** Between two attempts at a single item that runs into a timeout. */
const TIMEOUT_WAIT_MS = 1_000;

/** An item that failed alone, not yet in quarantine. */
interface Failure {
  readonly page: Page;
  readonly error: ItemError;
}

/** Stores (or, in a dry run, counts) every page of `source`, until it ends or the run is asked to stop. */
export async function storePages(session: PagedSession, source: AsyncGenerator<Page, Ended>): Promise<Ended> {
  for (;;) {
    session.context.signal.throwIfAborted();
    const { done, value } = await source.next();
    if (done) return value;
    if (value.step !== undefined) session.report.step(value.step);
    await storePage(session, value);
    refuseTooManyErrors(session);
  }
}

/**
 * Stores a page. One that fails through a row's fault is halved until the bad item is alone; it goes to quarantine. Until
 * something of the page is stored, failures wait: where every item fails, nothing is set aside and the run stops. They are
 * committed with the first part that succeeds, so that the cursor never passes an item that is neither stored nor set aside.
 */
export async function storePage(session: PagedSession, page: Page): Promise<void> {
  const { batch, context } = session;
  let pending: Failure[] = [];
  let stored = false;

  const visit = async (part: Page, waitedSince = performance.now()): Promise<void> => {
    try {
      if (pending.length > 0) await probe(session, part);
      await commit(session, part, pending);
      stored = true;
      pending = [];
    } catch (error) {
      if (isTimeout(error)) session.pace.shrink();
      else if (!isRowsFault(error)) throw error;
      if (part.size > 1) return visitHalves(part);
      if (!isTimeout(error)) return fail({ page: part, error: toItemError(part, error) });
      await waitForItem(session, part, error, waitedSince);
      await visit(part, waitedSince);
    }
  };

  const visitHalves = async (part: Page): Promise<void> => {
    faultAt("split");
    for (const half of await withPatience(patienceOf(session), () => batch.split(context, part))) {
      context.signal.throwIfAborted();
      await visit(half);
    }
  };

  const fail = async (failure: Failure): Promise<void> => {
    if (stored) return commit(session, undefined, [failure]);
    pending.push(failure);
  };

  await visit(page);
  if (pending.length === 0) return;
  // Whatever still waits has seen nothing stored: all of the page's items failed.
  if (pending.length >= HOPELESS_ITEMS) throw hopeless(pending);
  await commit(session, undefined, pending);
}

/** A timeout is never the item's fault: whoever holds the lock may let it go. Throws MustWait where that takes too long. */
async function waitForItem(session: PagedSession, { key }: Page, error: unknown, since: number): Promise<void> {
  const { context, maxWaitMs, report } = session;
  const why = `${key}: ${describeError(error)}`;
  if (performance.now() - since > maxWaitMs) throw new MustWait(`${why}. Run the same command again to go on.`);
  report.waits(why);
  await sleep(TIMEOUT_WAIT_MS, undefined, { signal: context.signal });
  report.waits(undefined);
}

/** Thrown to roll a probe back. */
class Undo extends Error {}

/** Throws what storing the part would; leaves nothing behind. Without it each part would set aside all that failed before. */
async function probe(session: PagedSession, part: Page): Promise<void> {
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
async function commit(session: PagedSession, part: Page | undefined, pending: readonly Failure[]): Promise<void> {
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
  return withPatience(patienceOf(session), () =>
    inTransaction(db, { ...timeouts, readOnly: writer === undefined }, work),
  );
};

/** Throws RunFailed where more items failed than `--max-errors` allows. */
export function refuseTooManyErrors({ context: { options }, failures }: PagedSession): void {
  if (options.maxErrors === undefined || failures.count <= options.maxErrors) return;
  throw new RunFailed(`${failures.count} items failed, more than --max-errors ${options.maxErrors} allows.`);
}

function hopeless(pending: readonly Failure[]): RunFailed {
  const [first] = pending;
  return new RunFailed(
    `All ${pending.length} items of a page failed, so the rows are not to blame; nothing of it was stored. ` +
      `The first: ${first?.error.key}: ${first?.error.message}`,
  );
}

const toItemError = (page: Page, error: unknown): ItemError => ({
  key: page.key ?? JSON.stringify(page.cursor),
  code: sqlStateOf(error) ?? "",
  message: describeError(error),
});
