/** Finds messages as the documented search does, and asks PostgreSQL how it did. */
import type pg from "pg";
import type { Address } from "../../db/address.ts";
import { cancelOnAbort } from "../../db/cancel.ts";
import { openConnection } from "../../db/database.ts";
import { UserError } from "../../errors.ts";
import { readSql } from "../../sql-file.ts";
import { DESK_COMMAND } from "../desk.ts";

/** What is asked for. */
export interface Query {
  readonly words: string;
  readonly language: Language;
  readonly role: string | undefined;
  readonly limit: number;
}

/** How a language is called, and which index of batch 2 serves it. */
export interface Language {
  readonly name: "english" | "russian";
  readonly index: string;
}

export const LANGUAGES: Readonly<Record<string, Language>> = {
  en: { name: "english", index: "Message_content_fts_idx" },
  ru: { name: "russian", index: "Message_content_fts_ru_idx" },
};

/** A message that fits. */
export interface Hit {
  readonly id: string;
  readonly conversationId: string;
  readonly channel: string | null;
  readonly role: string;
  readonly createdAt: Date;
  readonly rank: number;
  readonly content: string;
  /** A part of the content, with MARKS around the words. */
  readonly headline: string;
}

export interface Found {
  /** The best ones. */
  readonly hits: readonly Hit[];
  /** How many there are in all. */
  readonly total: number;
  /** How long the search itself took, there and back. */
  readonly ms: number;
  /** The index that the search went through, as its plan says; undefined where every message was read. */
  readonly index: string | undefined;
  /** Whether the index of batch 2 is there and whole. */
  readonly indexExists: boolean;
}

/** Characters that no readable text holds. */
export const MARKS = { start: "\u0002", stop: "\u0003" } as const;

const HEADLINE = `StartSel=${MARKS.start}, StopSel=${MARKS.stop}`;

/** Searches in a READ ONLY transaction; the signal cancels it. Throws a UserError where the words say nothing. */
export async function findMessages(address: Address, query: Query, signal: AbortSignal): Promise<Found> {
  const connection = await openConnection(address);
  const stopListening = cancelOnAbort(connection, address, signal);
  try {
    await connection.query("begin transaction isolation level repeatable read read only");
    return await find(connection, query);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    stopListening();
    await connection.end();
  }
}

async function find(connection: pg.Client, { words, language, role, limit }: Query): Promise<Found> {
  await refuseNothing(connection, words, language);
  const indexExists = await lookForIndex(connection, language);
  const statement = readSql(new URL("./messages.sql", import.meta.url), { language: `'${language.name}'` });
  const values = [words, role ?? null, limit, HEADLINE];
  const startedAt = performance.now();
  const { rows } = await connection.query<Hit & { total: number }>(statement, values);
  const ms = performance.now() - startedAt;
  const { rows: plan } = await connection.query(`explain (format json) ${statement}`, values);
  const hits = rows.map(({ total, ...hit }) => hit);
  return { hits, total: rows[0]?.total ?? 0, ms, index: searchedIndex(plan[0]?.["QUERY PLAN"]), indexExists };
}

/** Words of which every text is full are left out of a search: nothing may be left. */
async function refuseNothing(connection: pg.Client, words: string, { name }: Language): Promise<void> {
  const { rows } = await connection.query<{ nodes: number; ready: boolean }>(
    `select numnode(websearch_to_tsquery('${name}', $1)) as nodes, to_regclass('"Message"') is not null as ready`,
    [words],
  );
  if (rows[0]?.ready !== true)
    throw new UserError(`There are no messages yet: batch 1 makes their table (${DESK_COMMAND} up).`);
  if (rows[0].nodes > 0) return;
  throw new UserError(
    words.trim() === ""
      ? 'There is nothing to look for. Give words, such as: search "refund late".'
      : `There is nothing to look for: in ${name === "english" ? "English" : "Russian"} every word of "${words}" is too common to be searched for. Give others.`,
  );
}

async function lookForIndex(connection: pg.Client, { index }: Language): Promise<boolean> {
  const { rows } = await connection.query(
    "select 1 from pg_index where indexrelid = to_regclass(quote_ident($1)) and indisvalid",
    [index],
  );
  return rows.length > 0;
}

/** The index that a plan asks for the words, wherever in the plan that stands. */
function searchedIndex(plan: unknown): string | undefined {
  if (typeof plan !== "object" || plan === null) return undefined;
  const node = plan as Readonly<Record<string, unknown>>;
  if (String(node["Index Cond"]).includes("to_tsvector(")) return String(node["Index Name"]);
  for (const part of Object.values(node)) {
    const found = searchedIndex(part);
    if (found !== undefined) return found;
  }
  return undefined;
}
