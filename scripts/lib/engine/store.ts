import type { Queryable } from "../db/database.ts";
import { withPatience } from "../db/patience.ts";
import { isRowsFault } from "../db/pg-errors.ts";
import { inTransaction, withSavepoint } from "../db/transaction.ts";
import { storableKey } from "../item-key.ts";
import { isSavedBy, saveCursor } from "../journal/checkpoint.ts";
import { LISTED_ERRORS, quarantine, resolve, unresolvedAmong } from "../journal/quarantine.ts";
import type { ItemError, Page, PageResult } from "../task.ts";
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
  const { writer, report, pace } = session;
  const cursor = (part ?? pending.at(-1)?.page)?.cursor;
  let startedAt = 0;
  const outcomes = await transact(session, async (tx) => {
    startedAt = performance.now();
    faultAt("page-begin");
    const stored: Outcome[] = [];
    for (const failure of pending) stored.push(await setAside(session, tx, failure));
    if (part !== undefined) stored.push(await store(session, tx, part));
    faultAt("page-stored");
    if (writer !== undefined && cursor !== undefined) await saveCursor(tx, writer.lease, cursor);
    faultAt("page-saved");
    return stored;
  });
  faultAt("page-committed");
  if (part !== undefined) pace.record(part.size, performance.now() - startedAt);
  for (const { failed, resolved } of outcomes) note(session, failed, resolved);
  for (const { results } of outcomes) for (const result of results) report.add(result);
}

/** What a transaction did with one part or failure. */
interface Outcome {
  readonly results: readonly PageResult[];
  /** Items that went to quarantine, and were not there yet. */
  readonly failed: readonly ItemError[];
  /** How many items left it. */
  readonly resolved: number;
}

function note({ report, failures }: PagedSession, failed: readonly ItemError[], resolved: number): void {
  for (const error of failed) {
    report.fail(error);
    failures.count += 1;
    if (failures.first.length < LISTED_ERRORS) failures.first.push(error);
  }
  failures.resolved += resolved;
}

/** Puts the item into quarantine, then stores what its page holds besides, such as the conversation it belongs to. */
async function setAside(session: PagedSession, tx: Queryable, { page, error }: Failure): Promise<Outcome> {
  const { writer } = session;
  if (writer !== undefined) await quarantine(tx, writer.run, error);
  const rest = await withSavepoint(tx, isRowsFault, () => applyOrPlan(session, tx, page, [error.key]));
  const { results, failed } = await refuse(session, tx, page);
  const settles = (page.settles ?? []).filter((key) => storableKey(key) !== error.key);
  const resolved = rest === undefined ? 0 : await settle(session, tx, { settles });
  return { results: [rest ?? { fetched: 1, quarantined: 1 }, ...results], failed: [error, ...failed], resolved };
}

async function store(session: PagedSession, tx: Queryable, part: Page): Promise<Outcome> {
  const result = await applyOrPlan(session, tx, part, []);
  const { results, failed } = await refuse(session, tx, part);
  return { results: [result, ...results], failed, resolved: await settle(session, tx, part) };
}

/** Items that the source could not make go to quarantine; those that are there already fail anew only where they were retried. */
async function refuse(session: PagedSession, tx: Queryable, page: Page): Promise<Omit<Outcome, "resolved">> {
  const { writer, batch, context } = session;
  const refused = (page.refused ?? []).map((error) => ({ ...error, key: storableKey(error.key) }));
  if (refused.length === 0) return { results: [], failed: [] };
  const known = await unresolvedAmong(
    tx,
    batch.name,
    refused.map(({ key }) => key),
  );
  if (writer !== undefined) for (const error of refused) await quarantine(tx, writer.run, error);
  const results = [{ fetched: refused.length, quarantined: refused.length }];
  return { results, failed: refused.filter(({ key }) => context.options.retryErrors || !known.has(key)) };
}

/** Takes what the page was made for out of quarantine; returns how many items that are. */
async function settle(
  { writer, batch, context }: PagedSession,
  tx: Queryable,
  { key, settles = [] }: Pick<Page, "key" | "settles">,
): Promise<number> {
  const keys = context.options.retryErrors && key !== undefined ? [key, ...settles] : settles;
  if (keys.length === 0) return 0;
  const known = await unresolvedAmong(tx, batch.name, keys);
  if (known.size > 0 && writer !== undefined) await resolve(tx, batch.name, [...known]);
  return known.size;
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
