import { withPatience } from "../db/patience.ts";
import { describeError, isRowsFault, isTimeout, sqlStateOf } from "../db/pg-errors.ts";
import { RunFailed } from "../errors.ts";
import { Interrupted } from "../interrupts.ts";
import { storableKey } from "../item-key.ts";
import type { Ended, ItemError, Page } from "../task.ts";
import { faultAt } from "./fault.ts";
import { type PagedSession, patienceOf } from "./session.ts";
import { commit, type Failure, probe } from "./store.ts";
import { waitForItem } from "./waits.ts";

/** A page of this many that fails in every item is the system's fault, not the rows'. */
const HOPELESS_ITEMS = 20;

/** Whatever hands out pages. */
type Pages = Pick<AsyncGenerator<Page, Ended>, "next">;

/** Stores (or, in a dry run, counts) every page of `source`, until it ends or the run is asked to stop. */
export async function storePages(session: PagedSession, source: Pages): Promise<Ended> {
  for (;;) {
    session.context.signal.throwIfAborted();
    const { done, value } = await source.next();
    if (done) return value;
    await storePage(session, value);
  }
}

/** Stores (or, in a dry run, counts) a page under the heading of its step. Throws RunFailed after more errors than are allowed. */
export async function storePage(session: PagedSession, page: Page): Promise<void> {
  if (page.step !== undefined) session.report.step(page.step);
  await storeByHalves(undisturbed(session), page);
  refuseTooManyErrors(session);
}

/** What has been fetched, and perhaps paid for, when somebody asks the run to stop, is still stored. */
function undisturbed(session: PagedSession): PagedSession {
  const { context } = session;
  if (!(context.signal.reason instanceof Interrupted)) return session;
  return { ...session, context: { ...context, signal: new AbortController().signal } };
}

/**
 * Stores a page. One that fails through a row's fault is halved until the bad item is alone; it goes to quarantine. Until
 * something of the page is stored, failures wait: where every item fails, nothing is set aside and the run stops. They are
 * committed with the first part that succeeds, so that the cursor never passes an item that is neither stored nor set aside.
 */
async function storeByHalves(session: PagedSession, page: Page): Promise<void> {
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
  key: storableKey(page.key ?? JSON.stringify(page.cursor)),
  code: sqlStateOf(error) ?? "",
  message: describeError(error),
});
