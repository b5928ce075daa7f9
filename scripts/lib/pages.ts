import { setTimeout as sleep } from "node:timers/promises";
import type { Queryable } from "./db/database.ts";
import { describeError, isRowsFault, isTransient, sqlStateOf } from "./db/pg-errors.ts";
import { inTransaction, withSavepoint } from "./db/transaction.ts";
import { RunFailed } from "./errors.ts";
import { saveCheckpoint } from "./journal/checkpoint.ts";
import { type ItemError, LISTED_ERRORS, quarantine, resolve } from "./journal/quarantine.ts";
import type { PagedSession } from "./session.ts";
import type { Ended, Page, PageResult } from "./task.ts";

/** A page of this many that fails in every item is the system's fault, not the rows'. */
const HOPELESS_ITEMS = 20;
const ATTEMPTS = 3;

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
async function storePage(session: PagedSession, page: Page): Promise<void> {
  const { batch, context } = session;
  let pending: Failure[] = [];
  let stored = false;

  const visit = async (part: Page): Promise<void> => {
    try {
      if (pending.length > 0) await probe(session, part);
      await commit(session, part, pending);
      stored = true;
      pending = [];
    } catch (error) {
      if (!isRowsFault(error)) throw error;
      if (part.size <= 1) return fail({ page: part, error: toItemError(part, error) });
      for (const half of await batch.split(context, part)) {
        context.signal.throwIfAborted();
        await visit(half);
      }
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

/** Thrown to roll a probe back. */
class Undo extends Error {}

/** Throws what storing the part would; leaves nothing behind. Without it each part would set aside all that failed before. */
async function probe(session: PagedSession, part: Page): Promise<void> {
  const { db, writer } = session;
  try {
    await withRetries(session, () =>
      inTransaction(db, { readOnly: writer === undefined }, async (tx) => {
        await applyOrPlan(session, tx, part, []);
        throw new Undo();
      }),
    );
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
}

/** One transaction: the failures set aside, the part stored, the cursor saved. */
async function commit(session: PagedSession, part: Page | undefined, pending: readonly Failure[]): Promise<void> {
  const { db, writer, report, failures } = session;
  const cursor = (part ?? pending.at(-1)?.page)?.cursor;
  const results = await withRetries(session, () =>
    inTransaction(db, { readOnly: writer === undefined }, async (tx) => {
      const stored: PageResult[] = [];
      for (const failure of pending) stored.push(await setAside(session, tx, failure));
      if (part !== undefined) stored.push(await store(session, tx, part));
      if (writer !== undefined && cursor !== undefined) await saveCheckpoint(tx, writer.lease, cursor);
      return stored;
    }),
  );
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

/** Serialization failures and deadlocks are nobody's fault: the same transaction is tried again. */
async function withRetries<T>({ context }: PagedSession, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !isTransient(error)) throw error;
      await sleep(100 * attempt, undefined, { signal: context.signal });
    }
  }
}

function refuseTooManyErrors({ context: { options }, failures }: PagedSession): void {
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
