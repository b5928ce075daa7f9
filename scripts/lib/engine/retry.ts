import { inTransaction } from "../db/transaction.ts";
import { storableKey } from "../item-key.ts";
import { listUnresolved, resolve } from "../journal/quarantine.ts";
import type { Ended, Page } from "../task.ts";
import type { PagedSession } from "./session.ts";

const KEYS_AT_A_TIME = 10_000; // a batch puts those of one answer into the order that it needs

/**
 * The pages of `--retry-errors`: each unresolved item alone. Items that are gone at the source leave the quarantine; those that
 * this run has put there have been tried.
 */
export async function* retryPages(session: PagedSession): AsyncGenerator<Page, Ended> {
  const { batch, context, db, writer } = session;
  for (let after: string | undefined; ; ) {
    const open = await listUnresolved(db, batch.name, { after, limit: KEYS_AT_A_TIME, notOf: writer?.run.id });
    const keys = open.map(({ key }) => key);
    const last = keys.at(-1);
    if (last === undefined) return "end";
    after = last;
    const gone = new Set(keys);
    for await (const page of batch.pagesOf(context, keys, 1)) {
      for (const key of keysOf(page)) gone.delete(key);
      yield page;
    }
    context.signal.throwIfAborted();
    await forget(session, [...gone]);
  }
}

/** The quarantined items that a page is about, whatever becomes of them. */
const keysOf = ({ key, settles = [], refused = [] }: Page): readonly string[] =>
  [...(key === undefined ? [] : [key]), ...settles, ...refused.map((error) => error.key)].map(storableKey);

async function forget({ batch, db, writer, report, failures }: PagedSession, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  if (writer !== undefined) await inTransaction(db, {}, (tx) => resolve(tx, batch.name, keys));
  failures.resolved += keys.length;
  report.say(`  ${keys.length} quarantined items are gone at the source and leave the quarantine`);
}
