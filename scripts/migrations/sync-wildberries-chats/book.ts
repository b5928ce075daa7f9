/** Stores a page of threads, and, in the same transaction, what its steps say about their stores. */
import type { Queryable } from "../../lib/db/database.ts";
import type { StoreEnd, StoreFetched, StoreNote } from "../../lib/sources/wildberries/steps.ts";
import { readSql } from "../../lib/sql-file.ts";
import type { PageContext, PageResult } from "../../lib/task.ts";
import type { ThreadPage } from "../../lib/thread.ts";
import { countedPage, entryIn } from "./counted-page.ts";
import { emptyTally, ledgerOf, type Tally } from "./ledger.ts";
import type { Own } from "./stores.ts";

const file = (part: string) => readSql(new URL(`${part}.sql`, import.meta.url));
const BEGIN = file("begin");
const STORES = file("stores");
const LOGS = file("logs");

type StorePage = (tx: Queryable, page: ThreadPage, context: PageContext<Own>) => Promise<PageResult>;

/** Stores or counts the page as `store` does, and writes down what it says about stores, unless the transaction only reads. */
export async function keepBook(
  tx: Queryable,
  page: ThreadPage,
  context: PageContext<Own>,
  store: StorePage,
): Promise<PageResult> {
  const ledger = ledgerOf(context.db);
  const notes = notesOf(page);
  const chatsKnown = await countChats(
    tx,
    notes.filter(({ begins }) => begins !== undefined),
  );
  const counted = countedPage(page);
  const result = await store(tx, counted.page, context);
  const tallies = counted.take();
  const chats = new Map(page.parts.flatMap(({ thread }) => (thread === undefined ? [] : [[thread.key, thread]])));
  for (const [key, { storeId = "" }] of chats) if (ledger.isNew(page, key)) entryIn(tallies, storeId).chats += 1;
  for (const { note, skipped = {}, refused = [] } of page.parts as readonly StoreFetched[]) {
    if (note === undefined) continue;
    const tally = entryIn(tallies, note.store);
    tally.quarantined += refused.length;
    tally.skipped += Object.values(skipped).reduce((sum, count) => sum + count, 0);
  }
  ledger.set(page, tallies);
  if (context.runId !== null && !context.retrying) await write(tx, notes, tallies, context.runId);
  const chatsSynced = [...tallies.values()].reduce((sum, { chats }) => sum + chats, 0);
  return {
    ...result,
    counters: { ...result.counters, chatsKnown, chatsSynced },
    lines: [...(result.lines ?? []), ...notes.flatMap((note) => lineOf(note, ledger.of(note.store)))],
  };
}

/** One note for each store of a page: later ones win. */
function notesOf({ parts }: ThreadPage): StoreNote[] {
  const notes = new Map<string, StoreNote>();
  for (const { note } of parts as readonly StoreFetched[])
    if (note !== undefined) notes.set(note.store, { ...notes.get(note.store), ...note });
  return [...notes.values()];
}

/** How many chats of these stores are stored already. */
async function countChats(tx: Queryable, notes: readonly StoreNote[]): Promise<number> {
  if (notes.length === 0) return 0;
  const { rows } = await tx.query<{ count: string }>(
    `select count(*) from "Conversation" where store_id = any ($1) and channel = 'wildberries'`,
    [notes.map(({ store }) => store)],
  );
  return Number(rows[0]?.count);
}

async function write(
  tx: Queryable,
  notes: readonly StoreNote[],
  tallies: ReadonlyMap<string, Tally>,
  runId: number,
): Promise<void> {
  if (notes.length === 0 && tallies.size === 0) return;
  const begun = notes.flatMap(({ store, begins }) => (begins === undefined ? [] : [{ store, type: begins }]));
  if (begun.length > 0) await tx.query(BEGIN, [JSON.stringify(begun), runId]);
  const rows = new Set([...notes.map(({ store }) => store), ...tallies.keys()]);
  const entries = JSON.stringify(
    [...rows].map((store) => entryOf(notes.find((note) => note.store === store) ?? { store }, tallies.get(store))),
  );
  await tx.query(STORES, [entries, runId]);
  await tx.query(LOGS, [entries]);
}

const entryOf = ({ store, begins, cursor, comeBack, ends }: StoreNote, { chats, created } = emptyTally()) => ({
  store,
  chat_cursor: cursor ?? null,
  dated: comeBack !== undefined,
  come_back: comeBack ?? null,
  recount: begins !== undefined || ends !== undefined || chats > 0,
  chats,
  added: created,
  status: ends === undefined ? null : statusOf(ends),
  message: ends?.how === "stopped" ? "stopped at --limit" : (ends?.message ?? null),
});

const statusOf = ({ how }: StoreEnd): "success" | "error" =>
  how === "synced" || how === "stopped" ? "success" : "error";

const ENDINGS: Readonly<Record<StoreEnd["how"], string>> = {
  synced: "synced",
  failed: "failed",
  waits: "has to wait",
  stopped: "stopped at --limit",
};

function lineOf({ store, ends }: StoreNote, tally: Tally): string[] {
  if (ends === undefined) return [];
  const { chats, created, existing, skipped, quarantined } = tally;
  const why = ends.message === undefined ? "" : ` (${ends.message})`;
  const counts = `${chats} chats; messages: ${created} new, ${existing} known; ${skipped} events skipped, ${quarantined} in quarantine`;
  return [`store ${store} ${ENDINGS[ends.how]}${why}: ${counts}`];
}
