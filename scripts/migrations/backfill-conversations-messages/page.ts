/** The two statements of batch 4: what a range of audits would become, and what it becomes. */
import type { Queryable } from "../../lib/db/database.ts";
import { sqlStateOf } from "../../lib/db/pg-errors.ts";
import { withSavepoint } from "../../lib/db/transaction.ts";
import { type AuditRange, rangeValues } from "../../lib/sources/audit-log.ts";
import { readSql } from "../../lib/sql-file.ts";
import type { PageContext, PageResult } from "../../lib/task.ts";

const file = (part: string) => new URL(`${part}.sql`, import.meta.url);
/** Messages that carry an audit's id: by the index of this batch, or, in a dry run before there is one, by reading them all. */
const BY_INDEX = "m.metadata ->> 'auditId' = any (array(select key from unknown))";
const BY_READING = "m.metadata ->> 'auditId' in (select key from unknown)";
const pageBy = (condition: string) => ({ page: readSql(file("page"), { carries_audit: condition }) });
const PLAN = readSql(file("plan"), pageBy(BY_INDEX));
const PLAN_WITHOUT_INDEX = readSql(file("plan"), pageBy(BY_READING));
/** A conflict that is not foreseen fails: looking for one before each row is put in would cost more than doing a page again. */
const APPLY = readSql(file("apply"), { ...pageBy(BY_INDEX), on_conflict: "" });
const APPLY_CAREFULLY = readSql(file("apply"), {
  ...pageBy(BY_INDEX),
  on_conflict: "on conflict ((metadata ->> 'auditId')) where metadata ? 'auditId' do nothing",
});

const UNIQUE_VIOLATION = "23505";

/** What a range is stored with, besides: the actors that count. */
interface RangeContext extends PageContext {
  readonly actors: readonly string[];
}

/** What both statements answer with. */
interface Row extends Record<string, unknown> {
  fetched: number;
  created: number;
  no_text: number;
  already_migrated: number;
  lead_not_found: number;
  quarantined: number;
  planned?: number;
  conversations_created: number;
  conversations_skipped: number;
  conversations_updated: number;
  lines: [id: string, outcome: string, text: string | null][] | null;
}

/** Counts a range; texts that are too large for one of the indexes that "Message" has are tried with them. */
export async function planRange(tx: Queryable, range: AuditRange, context: RangeContext): Promise<PageResult> {
  const { rows } = await tx.query<{ indexed: boolean; started: boolean; configs: string[] }>(
    `select to_regclass('"Message_audit_id_key"') is not null as indexed,
            exists (select from "Message" where metadata ? 'auditId') as started,
            array(select config
                    from (values ('english', '"Message_content_fts_idx"'), ('russian', '"Message_content_fts_ru_idx"')) v (config, name)
                   where to_regclass(name) is not null) as configs`,
  );
  const { indexed = false, started = true, configs } = rows[0] ?? {};
  return resultOf(await ask(tx, indexed ? PLAN : PLAN_WITHOUT_INDEX, range, context, started, configs));
}

/**
 * The check of a message's foreign key is planned once for a connection: while "Conversation" is still empty, as a scan of the
 * table, which every message would then make of a table that grows.
 */
const BY_KEY = "select set_config('enable_seqscan', 'off', true)";

/** Stores a range; where a message stands in the way that the page had not looked for, once more with a thorough look. */
export async function applyRange(tx: Queryable, range: AuditRange, context: RangeContext): Promise<PageResult> {
  await tx.query(BY_KEY);
  const stood = (error: unknown) => sqlStateOf(error) === UNIQUE_VIOLATION;
  const row = await withSavepoint(tx, stood, () => ask(tx, APPLY, range, context, false, context.runId));
  return resultOf(row ?? (await ask(tx, APPLY_CAREFULLY, range, context, true, context.runId)));
}

/** Runs one of the statements over a range; `last` is its own parameter, $13. */
async function ask(
  tx: Queryable,
  sql: string,
  range: AuditRange,
  context: RangeContext,
  thorough: boolean,
  last: unknown,
): Promise<Row> {
  const { actors, options, except, retrying } = context;
  const { rows } = await tx.query<Row>(sql, [
    ...rangeValues(range, actors),
    idsOf(range),
    except,
    retrying,
    thorough,
    options.verbose,
    last,
    range.ids !== undefined && !retrying,
  ]);
  if (rows[0] === undefined) throw new Error("A page's statement returned no row.");
  return rows[0];
}

/** The audits that are meant where not all of the range are: a range may have got more since it was cut down to one. */
const idsOf = ({ ids, size, key }: AuditRange): readonly string[] | null =>
  ids ?? (size === 1 && key !== undefined ? [key] : null);

/** A conflict on insert means that the message stands there already: somebody else wrote it since the page was read. */
const resultOf = (row: Row): PageResult => ({
  fetched: row.fetched,
  created: row.created,
  quarantined: row.quarantined,
  skipped: {
    noText: row.no_text,
    alreadyMigrated: row.already_migrated + (row.planned ?? row.created) - row.created,
    leadNotFound: row.lead_not_found,
  },
  counters: {
    conversationsCreated: row.conversations_created,
    conversationsSkipped: row.conversations_skipped,
    conversationsUpdated: row.conversations_updated,
  },
  lines: (row.lines ?? []).map(
    ([id, outcome, text]) => `${id} ${outcome}${text === null ? "" : ` ${JSON.stringify(text)}`}`,
  ),
});
