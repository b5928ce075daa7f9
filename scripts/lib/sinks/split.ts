/** Halves a page that failed, until the bad message, or the bad conversation, is alone. */
import type { Queryable } from "../db/database.ts";
import { isRowsFault, isTimeout } from "../db/pg-errors.ts";
import { inTransaction, withSavepoint } from "../db/transaction.ts";
import { storableKey } from "../item-key.ts";
import type { Context, PageContext, PageResult } from "../task.ts";
import { type Fetched, pageOf, type Stored, type Thread, type ThreadPage } from "../thread.ts";

/** A probe that waits longer for a lock tells nothing: the messages are halved, and the last one waits, and says so. */
const PROBE_LOCK_MS = 200;

/** Stores a page, or in a dry run counts it; what it writes is rolled back. */
export type Probe = (tx: Queryable, page: ThreadPage) => Promise<unknown>;

/** Thrown to roll a probe back. */
class Undo extends Error {}

/**
 * Two halves of a page: of its parts, or of its only thread's messages. Where that thread is refused without any message it comes
 * back whole, as one item with the thread's key.
 */
export async function splitPage(
  page: ThreadPage,
  probe: Probe,
  { db, runId }: Pick<Context, "db" | "runId">,
): Promise<readonly ThreadPage[]> {
  const [part] = page.parts;
  if (page.parts.length > 1) return halvesOfParts(page);
  if (part?.thread === undefined) return [page];
  const header = pageOf([{ thread: { ...part.thread, messages: [] }, cursor: part.cursor }], page);
  try {
    await inTransaction(db, { readOnly: runId === null, lockTimeoutMs: PROBE_LOCK_MS }, async (tx) => {
      await probe(tx, header);
      throw new Undo();
    });
  } catch (error) {
    if (isRowsFault(error)) return [{ ...page, size: 1, key: part.thread.key }];
    if (!(error instanceof Undo || isTimeout(error))) throw error;
  }
  return halvesOfMessages(page, part, part.thread);
}

function halvesOfParts({ parts, start, cursor, counters }: ThreadPage): ThreadPage[] {
  const middle = Math.ceil(parts.length / 2);
  const first = parts.slice(0, middle);
  const between = first.at(-1)?.cursor ?? start;
  return [pageOf(first, { start, cursor: between }), pageOf(parts.slice(middle), { start: between, cursor, counters })];
}

/** What the part says besides, and how far its conversation is known, belongs to the last half. */
function halvesOfMessages({ start, cursor, counters }: ThreadPage, part: Fetched, thread: Thread): ThreadPage[] {
  const middle = Math.ceil(thread.messages.length / 2);
  let before: Stored | undefined;
  const { line, ...rest } = part;
  const first: Fetched = {
    thread: { ...thread, messages: thread.messages.slice(0, middle), coverage: { kind: "unfinished" } },
    line: (stored) => {
      before = stored;
      return "";
    },
    cursor: start,
  };
  const last: Fetched = {
    ...rest,
    thread: { ...thread, messages: thread.messages.slice(middle) },
    ...(line === undefined ? {} : { line: (stored) => line(added(before, stored)) }),
  };
  return [pageOf([first], { start, cursor: start }), pageOf([last], { start, cursor, counters })];
}

const added = (one: Stored | undefined, other: Stored): Stored => ({
  created: (one?.created ?? 0) + other.created,
  existing: (one?.existing ?? 0) + other.existing,
  quarantined: (one?.quarantined ?? 0) + other.quarantined,
});

/** Where a page fails although its bad message is left out, its conversations are to blame: then they are left out, too. */
export async function orWithout<C extends PageContext>(
  tx: Queryable,
  page: ThreadPage,
  context: C,
  work: (context: C) => Promise<PageResult>,
): Promise<PageResult> {
  if (context.except.length === 0) return work(context);
  const result = await withSavepoint(tx, isRowsFault, () => work(context));
  const keys = page.parts.flatMap(({ thread }) => (thread === undefined ? [] : [storableKey(thread.key)]));
  return result ?? work({ ...context, except: [...context.except, ...keys] });
}
