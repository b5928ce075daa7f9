/** What the tests of batch 8 share: a stand-in for each test, stores, and runs that lose no time. */
import { afterEach, beforeEach } from "@jest/globals";
import batch from "../../../scripts/migrations/sync-wildberries-chats.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { type InProcess, runInProcess } from "../../helpers/script.ts";
import { type Seller, startWildberries, type Wildberries } from "../../helpers/stand-ins/wildberries.ts";
import { tokenOf } from "../../helpers/stand-ins/wildberries-rows.ts";

export const NAME = "sync-wildberries-chats";
/** No waits that a test has not asked for. */
export const QUICK = ["--delay", "0", "--batch-delay", "0", "--store-delay", "0"];

export interface Bed {
  readonly service: Wildberries;
  /** Adds a store whose token the service knows as that of this seller; returns the token. */
  addStore(id: string, seller: Seller, columns?: { token?: string; cursor?: string; next?: Date }): Promise<string>;
  run(argv?: readonly string[]): Promise<InProcess>;
}

/** Gives each test a service of its own, which runs in its process find by the environment. */
export function useService(db: TestDatabase): Bed {
  let service: Wildberries;
  beforeEach(async () => {
    service = await startWildberries();
    process.env.WB_CHAT_API_URL = service.url;
  });
  afterEach(async () => {
    delete process.env.WB_CHAT_API_URL;
    await service.close();
  });
  return {
    get service() {
      return service;
    },
    addStore: async (id, seller, { token = tokenOf(id), cursor, next } = {}) => {
      service.sellers.set(token, seller);
      await db.query(
        "insert into stores (id, name, owner_id, chat_api_token, chat_cursor, next_request_at) values ($1, $2, $3, $4, $5, $6)",
        [id, `Store ${id}`, `owner-${id}`, token, cursor ?? null, next ?? null],
      );
      return token;
    },
    run: (argv = []) => runInProcess(batch, db, [...QUICK, ...argv]),
  };
}

/** What the service holds of a seller, in the words of `chat_messages`: what is expected in the database. */
export const messagesOf = (store: string, { events }: Seller) =>
  events
    .filter(({ eventType, message }) => eventType === "message" && message != null)
    .map(({ chatID, sender, addTimestamp, message }) => ({
      chat_id: chatID,
      store_id: store,
      owner_id: `owner-${store}`,
      sender,
      text: (message as { text?: string }).text ?? "[image] [file: bill.pdf]",
      at: Number(addTimestamp),
    }));

/** The same out of the view. */
export async function storedMessages(db: TestDatabase) {
  const { rows } = await db.query(
    `select chat_id, store_id, owner_id, sender, text, (extract(epoch from "timestamp") * 1000)::float8 as at
       from chat_messages
   order by store_id, at, chat_id`,
  );
  return rows;
}

export const logsIn = async (db: TestDatabase) =>
  (
    await db.query<{ store_id: string; status: string; error_message: string | null }>(
      "select store_id, status, error_message from sync_logs order by id",
    )
  ).rows;

export const storeIn = async (db: TestDatabase, id: string) =>
  (
    await db.query<{ cursor: string | null; chats: number; next: Date | null }>(
      "select chat_cursor as cursor, total_chats as chats, next_request_at as next from stores where id = $1",
      [id],
    )
  ).rows[0];
