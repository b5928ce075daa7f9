/** What the database knows of Umnico's dialogs. */
import type { Queryable } from "../../lib/db/database.ts";
import { knownMessages, storedThread } from "../../lib/sinks/known.ts";
import type { StoredDialogs } from "../../lib/sources/umnico/stored.ts";
import type { ItemError } from "../../lib/task.ts";
import { NAME, RULES, SOURCE } from "./rules.ts";

/** Read outside the pages' transactions: nothing of a dialog that is read has still to be stored. */
export const storedDialogs = (db: Queryable): StoredDialogs => ({
  find: (id) => storedThread(db, RULES, { id, channel: "other" }),
  known: (uuid, keys) => knownMessages(db, uuid, keys),
  newestMinute: async (uuid) => {
    const { rows } = await db.query<{ key: string; at: string }>(
      `select metadata ->> 'sourceId' as key, (extract(epoch from created_at) * 1000000)::bigint as at
         from "Message"
        where conversation_id = $1
          and metadata ->> 'source' = $2
          and metadata ? 'sourceId'
          and created_at >= (select date_trunc('minute', max(created_at))
                               from "Message"
                              where conversation_id = $1
                                and metadata ->> 'source' = $2
                                and metadata ? 'sourceId')
     order by created_at, id`,
      [uuid, SOURCE],
    );
    const messages = rows.map(({ key, at }) => ({ key, at: Number(at) }));
    const [first] = messages;
    return first && { minute: Math.floor(first.at / MINUTE) * (MINUTE / 1_000), messages };
  },
  quarantined: async (keys) => {
    const { rows } = await db.query<ItemError>(
      `select item_key as key, code, message
         from migration_errors
        where script = $1 and item_key = any ($2) and resolved_at is null`,
      [NAME, keys],
    );
    return new Map(rows.map((error) => [error.key, error]));
  },
});

const MINUTE = 60_000_000; // microseconds
