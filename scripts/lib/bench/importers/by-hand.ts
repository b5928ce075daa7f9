/**
 * The same rows by multi-row inserts, as somebody would write them for once: no look at what is there, no effects, no repeat.
 * Started as a process of its own on DATABASE_URL with the number of messages to write; prints what it took without its start,
 * once for everything and once for the messages alone.
 */
import { randomUUID } from "node:crypto";
import { parseAddress } from "../../db/address.ts";
import { type Queryable, withDatabase } from "../../db/database.ts";
import { inTransaction } from "../../db/transaction.ts";
import type { Thread } from "../../thread.ts";
import { makeThreads, toPages } from "./threads.ts";

const PAGE_MESSAGES = 1_000;
const SOURCE = { source: "bench", createdBy: "by-hand.ts" };

/** A row, and the columns that all rows have. */
type Row = readonly unknown[];

await withDatabase(parseAddress(process.env.DATABASE_URL ?? ""), { max: 2 }, async (db) => {
  const startedAt = performance.now();
  let rows = 0;
  let messagesMs = 0;
  for (const { parts } of toPages(makeThreads(Number(process.argv[2])), () => PAGE_MESSAGES)) {
    const threads = parts.flatMap(({ thread }) => thread ?? []).map((thread) => ({ ...thread, uuid: randomUUID() }));
    await inTransaction(db, {}, async (tx) => {
      await insertConversations(tx, threads);
      const begun = performance.now();
      rows += await insertMessages(tx, threads);
      messagesMs += performance.now() - begun;
    });
  }
  process.stdout.write(JSON.stringify({ rows, ms: performance.now() - startedAt, messagesMs }));
});

type Held = readonly (Thread & { readonly uuid: string })[];

async function insertConversations(tx: Queryable, threads: Held): Promise<void> {
  const customers = threads.map(({ person }): Row => [randomUUID(), person?.phone, SOURCE]);
  await insert(tx, `"Customer" (id, phone, metadata)`, customers);
  const conversations = threads.map((thread, i): Row => {
    const { uuid, id, channel, channelAccount, messages } = thread;
    const [first, last] = [messages.at(0), messages.at(-1)];
    const preview = last?.content.slice(0, 100).trim();
    return [uuid, customers[i]?.[0], channel, id, channelAccount, first?.at, last?.at, preview, SOURCE];
  });
  const columns = "id, customer_id, channel, external_id, channel_account, started_at, last_message_at";
  await insert(tx, `"Conversation" (${columns}, last_message_preview, metadata)`, conversations);
}

async function insertMessages(tx: Queryable, threads: Held): Promise<number> {
  const rows = threads.flatMap(({ uuid, messages }) =>
    messages.map(
      ({ id, role, content, at }): Row => [randomUUID(), uuid, role, content, { ...SOURCE, sourceId: id }, at],
    ),
  );
  return insert(tx, `"Message" (id, conversation_id, role, content, metadata, created_at)`, rows);
}

/** One statement for all rows. */
async function insert(tx: Queryable, into: string, rows: readonly Row[]): Promise<number> {
  let parameter = 0;
  const tuples = rows.map((row) => `(${row.map(() => `$${++parameter}`).join(", ")})`);
  const { rowCount } = await tx.query(`insert into ${into} values ${tuples.join(", ")}`, rows.flat());
  return rowCount ?? 0;
}
