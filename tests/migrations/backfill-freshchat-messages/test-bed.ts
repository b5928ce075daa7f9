/** What the tests of batch 7 share: a stand-in for each test, an environment that leads to it, and conversations of our table. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "@jest/globals";
import { type Asked, addConversation } from "../../helpers/crm.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { environmentOf, type Freshchat, startFreshchat, type Wire } from "../../helpers/stand-ins/freshchat.ts";

export const NAME = "backfill-freshchat-messages";

/** Gives each test a stand-in of its own, and runs in the test's process an environment that leads to it. */
export function useFreshchat(): Freshchat {
  const { env } = process;
  let current: Freshchat;
  beforeEach(async () => {
    current = await startFreshchat();
    process.env = { ...env, ...environmentOf(current) };
  });
  afterEach(async () => {
    process.env = env;
    await current.close();
  });
  return new Proxy({} as Freshchat, {
    get: (_, name) => Reflect.get(current, name),
    set: (_, name, value) => Reflect.set(current, name, value),
  });
}

/** A folder for the test alone. */
export function useFolder(): { readonly path: string; write(name: string, text: string): Promise<string> } {
  let path = "";
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), "freshchat-test-"));
  });
  afterEach(() => rm(path, { recursive: true }));
  return {
    get path() {
      return path;
    },
    write: async (name, text) => {
      await writeFile(join(path, name), text);
      return join(path, name);
    },
  };
}

/** A conversation that the service has and our table names, but for its messages. */
export async function addTalk(db: Asked, service: Freshchat, id: string, messages: readonly Wire[]): Promise<string> {
  service.conversations.set(id, [...messages]);
  return addConversation(db, { channel: "freshchat", external_id: id, started_at: "2024-01-05T00:00:00Z" });
}

/** What is stored, oldest first. */
export async function storedMessages(db: Pick<TestDatabase, "query">, id?: string) {
  const { rows } = await db.query<{ id: string; role: string; content: string; at: Date; metadata: Wire }>(
    `select m.metadata ->> 'sourceId' as id, role, content, m.created_at as at, m.metadata
       from "Message" m
       join "Conversation" c on c.id = m.conversation_id
      where $1::text is null or c.external_id = $1
   order by c.external_id, m.created_at, m.metadata ->> 'sourceId'`,
    [id ?? null],
  );
  return rows;
}

/** What a conversation's row says of itself. */
export async function metadataOf(db: Pick<TestDatabase, "query">, id: string): Promise<Wire> {
  const { rows } = await db.query<{ metadata: Wire | null }>(
    `select metadata from "Conversation" where external_id = $1`,
    [id],
  );
  return rows[0]?.metadata ?? {};
}

/** The paths and queries that were asked for. */
export const requestsTo = ({ asked }: Freshchat): string[] =>
  asked.map(({ path, query }) => (query.size === 0 ? path : `${path}?${query}`));
