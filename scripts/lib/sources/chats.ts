/** Conversations with their messages, as a classifier reads them. */
import type { Chat, Line } from "../classify/classifier.ts";
import type { Queryable } from "../db/database.ts";
import { readSql } from "../sql-file.ts";

const CHATS = readSql(new URL("chats.sql", import.meta.url));

/** A conversation as it stands in the database, and what it says. */
export interface StoredChat {
  readonly id: string;
  readonly tag: string | null;
  /** The tag that a classifier gave it last; another one in `tag` is a person's. */
  readonly classifiedAs: string | null;
  /** Of all that a classifier sees: what is the same need not be asked again. */
  readonly hash: string;
  /** Undefined where the same version has classified the same text. */
  readonly chat: Chat | undefined;
}

/** So much text comes at once, whatever the conversations hold: the process has it several times over. */
const MOST_BYTES = 8 * 1024 ** 2;

/** Which conversations are meant, and what is asked about them. */
export interface ChatQuery {
  readonly after?: string | undefined;
  readonly until?: string | undefined;
  readonly limit: number;
  readonly channels?: readonly string[] | undefined;
  readonly ids?: readonly string[] | undefined;
  /** A customer who wrote last, and before this time, has no answer. */
  readonly answeredBy: Date;
  /** Of the classifier. */
  readonly version: string;
}

interface Row {
  readonly id: string;
  readonly channel: string;
  readonly tag: string | null;
  readonly classified_as: string | null;
  readonly unanswered: boolean;
  readonly hash: string;
  readonly known: boolean;
  readonly lines: readonly (readonly [role: Line["role"], text: string, at: string])[] | null;
}

/** The next conversations in the order of their ids: up to `limit`, fewer where they are long, none only at the end. */
export async function readChats(db: Queryable, query: ChatQuery): Promise<StoredChat[]> {
  const { after, until, limit, channels, ids, answeredBy, version } = query;
  const { rows } = await db.query(CHATS, [after, until, limit, channels, ids, answeredBy, version, MOST_BYTES]);
  return (rows as Row[]).map(toStoredChat);
}

const toStoredChat = ({ id, channel, tag, classified_as, unanswered, hash, known, lines }: Row): StoredChat => ({
  id,
  tag,
  classifiedAs: classified_as,
  hash,
  chat: known
    ? undefined
    : { id, channel, unanswered, lines: (lines ?? []).map(([role, text, at]) => ({ role, text, at })) },
});
