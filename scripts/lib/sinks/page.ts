/** The statements over a page of threads: what it would become, and what it becomes. */
import type { Queryable } from "../db/database.ts";
import { readSql } from "../sql-file.ts";
import type { PageContext } from "../task.ts";
import type { Rows } from "./rows.ts";
import type { SinkRules } from "./rules.ts";

const read = (part: string, parts: Readonly<Record<string, string>> = {}) =>
  readSql(new URL(`${part}.sql`, import.meta.url), parts);

/** Messages that carry a source's id: each by the index that batches 6 to 8 share, or, in a dry run before there is one, all at once. */
const BY_INDEX = `
  select u.n
    from unknown u
   cross join lateral (select
                         from "Message" m
                        where m.conversation_id = u.conversation_id
                          and m.metadata ? 'sourceId'
                          and md5(m.metadata ->> 'sourceId') = u.hash
                        limit 1) found`;
const BY_READING = `
  select u.n
    from unknown u
    join (select m.conversation_id, md5(m.metadata ->> 'sourceId') as hash
            from "Message" m
           where m.conversation_id = any (array(select conversation_id from unknown))
             and m.metadata ? 'sourceId') found using (conversation_id, hash)`;

const coverage = read("coverage");
const hashes = { customer_hash: read("customer-hash"), conversation_hash: read("conversation-hash") };
export const EXISTING = read("existing");
const pageWith = (carries: string, lock: string) =>
  read("page", { existing: EXISTING, coverage, ...hashes, carries_source_id: carries, lock });
const PLAN = read("plan", { page: pageWith(BY_INDEX, "") });
const PLAN_WITHOUT_INDEX = read("plan", { page: pageWith(BY_READING, "") });
const APPLY = read("apply", { page: pageWith(BY_INDEX, "for update of c"), coverage, ...hashes });

/** What both statements answer with: numbers of messages, and ids of rows. */
export interface Outcome {
  readonly existing: readonly number[];
  readonly quarantined: readonly number[];
  readonly customers_created: readonly string[];
  readonly customers_updated: readonly string[];
  readonly conversations_created: readonly string[];
  readonly conversations_updated: readonly string[];
  readonly bookings_linked: readonly string[];
}

/** Asks what a page would become; texts that are too large for one of the indexes that "Message" has are tried with them. */
export async function askPlan(tx: Queryable, rows: Rows, rules: SinkRules, context: PageContext): Promise<Outcome> {
  const { rows: found } = await tx.query<{ indexed: boolean; configs: string[] }>(
    `select to_regclass('"Message_source_id_key"') is not null as indexed,
            array(select config
                    from (values ('english', '"Message_content_fts_idx"'), ('russian', '"Message_content_fts_ru_idx"')) v (config, name)
                   where to_regclass(name) is not null) as configs`,
  );
  const { indexed = false, configs = [] } = found[0] ?? {};
  return ask(tx, indexed ? PLAN : PLAN_WITHOUT_INDEX, [...valuesOf(rows, rules, context), configs]);
}

/** Stores a page. */
export const askApply = (tx: Queryable, rows: Rows, rules: SinkRules, context: PageContext): Promise<Outcome> =>
  ask(tx, APPLY, [...valuesOf(rows, rules, context), JSON.stringify(rows.nicks)]);

async function ask(tx: Queryable, sql: string, values: readonly unknown[]): Promise<Outcome> {
  const { rows } = await tx.query<Outcome & Record<string, unknown>>(sql, values);
  if (rows[0] === undefined) throw new Error("A page's statement returned no row.");
  return rows[0];
}

const valuesOf = (
  { threads, messages, customers }: Rows,
  { source, adopt, refs, script, bookings }: SinkRules,
  { except, retrying, runId }: PageContext,
): unknown[] => [
  source,
  adopt,
  refs ?? null,
  script,
  JSON.stringify(threads),
  messages,
  JSON.stringify(customers),
  except,
  retrying,
  bookings ?? false,
  runId,
];
