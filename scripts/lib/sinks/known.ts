/** What is stored of a conversation already: asked by batches before they fetch. */
import type { Queryable } from "../db/database.ts";
import { deterministicId } from "../deterministic-id.ts";
import { readSql } from "../sql-file.ts";
import type { Thread } from "../thread.ts";
import { clean } from "./clean.ts";
import { EXISTING } from "./page.ts";
import type { SinkRules } from "./rules.ts";

const STORED = readSql(new URL("stored.sql", import.meta.url), { existing: EXISTING });

/** A conversation that is there, and why it is not known to be whole. */
export interface StoredThread {
  readonly id: string;
  readonly partial: string | null;
  readonly window: string | null;
}

/** The conversation that a thread would be stored in, or undefined where it is new. */
export async function storedThread(
  db: Queryable,
  { source, adopt, refs }: SinkRules,
  thread: Pick<Thread, "id" | "channel" | "storeId"> & { readonly key?: string },
): Promise<StoredThread | undefined> {
  const { id, channel, storeId, key = id } = clean(thread).value;
  const row = { n: 0, id: deterministicId(source, key), external_id: id, channel, store_id: storeId };
  const { rows } = await db.query<StoredThread & Record<string, unknown>>(STORED, [
    source,
    adopt,
    refs ?? null,
    JSON.stringify([row]),
  ]);
  return rows[0];
}

/** Those of the source's ids whose messages stand in that conversation. */
export async function knownMessages(
  db: Queryable,
  conversationUuid: string,
  sourceIds: readonly string[],
): Promise<Set<string>> {
  const { rows } = await db.query<{ n: number }>(
    `select s.n::int - 1 as n
       from unnest($2::text[]) with ordinality s (id, n)
      cross join lateral (select
                            from "Message" m
                           where m.conversation_id = $1
                             and m.metadata ? 'sourceId'
                             and md5(m.metadata ->> 'sourceId') = md5(s.id)
                           limit 1) found`,
    [conversationUuid, sourceIds.map((id) => clean(id).value)],
  );
  return new Set(rows.map(({ n }) => sourceIds[n] ?? ""));
}
