/**
 * The audit log as a source: ranges of ("lead_id", "created_at", id), which one index serves. Never by the timestamp alone:
 * more audits than a page holds may share one.
 */
import type { Queryable } from "../db/database.ts";
import { FIRST_UUID, LAST_UUID } from "../db/uuids.ts";
import type { Page, Total } from "../task.ts";

/** A place in the audit log. The timestamp travels as text, with its microseconds. */
export type AuditKey = { readonly leadId: string; readonly createdAt: string; readonly id: string };

/** The audits after one key up to another. Cut from the index alone its size counts those of all actors; cut anew, those that count. */
export interface AuditRange extends Page {
  readonly after: AuditKey;
  readonly until: AuditKey;
}

/** Before the first audit of a lead, or of all. */
export const startOf = (leadId = FIRST_UUID): AuditKey => ({ leadId, createdAt: "-infinity", id: FIRST_UUID });

/** Behind the last audit of a lead, or of all. */
export const endOf = (leadId = LAST_UUID): AuditKey => ({ leadId, createdAt: "infinity", id: LAST_UUID });

const MAX_INTEGER = 2 ** 31 - 1;

/** Counting a larger table exactly would take longer than it is worth. */
const EXACT_BELOW_BYTES = 1024 ** 3;

const IN_RANGE = `(lead_id, created_at, id) > ($1::uuid, $2::timestamptz, $3::uuid)
              and (lead_id, created_at, id) <= ($4::uuid, $5::timestamptz, $6::uuid)`;
const COUNTS = "actor = any ($7)";

type Bounds = { readonly after: AuditKey; readonly until: AuditKey };

/** What the parameters $1 to $7 of every statement over a range are. */
export const rangeValues = (bounds: Bounds, actors: readonly string[]): unknown[] => [...placesOf(bounds), actors];

const placesOf = ({ after, until }: Bounds): string[] => [
  ...[after.leadId, after.createdAt, after.id],
  ...[until.leadId, until.createdAt, until.id],
];

/** How many audits a range holds: counted, or, where the table is large, as the planner estimates. */
export async function countAudits(db: Queryable, bounds: Bounds, actors: readonly string[]): Promise<Total> {
  const values = rangeValues(bounds, actors);
  const { rows: sizes } = await db.query<{ large: boolean }>(
    `select pg_relation_size('"Audit"') > ${EXACT_BELOW_BYTES} as large`,
  );
  if (sizes[0]?.large !== true) {
    const { rows } = await db.query<{ count: string }>(
      `select count(*) from "Audit" where ${IN_RANGE} and ${COUNTS}`,
      values,
    );
    return { items: Number(rows[0]?.count), exact: true };
  }
  const { rows } = await db.query<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }>(
    `explain (format json) select from "Audit" where ${IN_RANGE} and ${COUNTS}`,
    values,
  );
  return { items: rows[0]?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0, exact: false };
}

/** The first `size` audits of a range, of these actors or of all, as a range of their own; undefined where there is none. */
export async function cutRange(
  db: Queryable,
  bounds: Bounds,
  size: number,
  actors?: readonly string[],
): Promise<AuditRange | undefined> {
  const { rows } = await db.query<AuditKey & { size: number }>(
    `with page as (
       select lead_id, created_at, id
         from "Audit"
        where ${IN_RANGE} ${actors === undefined ? "" : "and actor = any ($8)"}
     order by lead_id, created_at, id
        limit $7)
     select lead_id as "leadId", created_at::text as "createdAt", id, (select count(*)::int from page) as size
       from page
   order by lead_id desc, page.created_at desc, id desc
      limit 1`,
    [...placesOf(bounds), size, ...(actors === undefined ? [] : [actors])],
  );
  const [last] = rows;
  if (last === undefined) return undefined;
  const { size: items, ...until } = last;
  return { after: bounds.after, until, cursor: until, size: items, key: until.id };
}

/**
 * Two halves of a range, by the middle of the audits that count; where only one does, that one alone. Together they reach as far
 * as the range, whatever has come into it since it was cut.
 */
export async function halveRange(db: Queryable, range: AuditRange, actors: readonly string[]): Promise<AuditRange[]> {
  const counting = await cutRange(db, range, MAX_INTEGER, actors);
  if (counting === undefined) return [];
  const whole = { ...range, size: counting.size, ...(counting.key === undefined ? {} : { key: counting.key }) };
  if (counting.size === 1) return [whole];
  const first = await cutRange(db, range, Math.floor(counting.size / 2), actors);
  return first === undefined ? [whole] : [first, { ...whole, after: first.until, size: counting.size - first.size }];
}

/** The lead with which a run ends that may take `limit` leads; undefined where there are no more than that. */
export async function lastLeadWithin(
  db: Queryable,
  bounds: Bounds,
  actors: readonly string[],
  limit: number,
): Promise<string | undefined> {
  const { rows } = await db.query<{ lead_id: string; leads: string }>(
    `with lead as (select distinct lead_id from "Audit" where ${IN_RANGE} and ${COUNTS} order by lead_id limit $8)
     select lead_id, (select count(*) from lead) as leads from lead order by lead_id desc limit 1 offset 1`,
    [...rangeValues(bounds, actors), limit + 1],
  );
  return rows[0] !== undefined && Number(rows[0].leads) > limit ? rows[0].lead_id : undefined;
}

/** Ranges of one audit each, for the ids that are still there. */
export async function* rangesOfAudits(db: Queryable, ids: readonly string[]): AsyncGenerator<AuditRange, void> {
  const { rows } = await db.query<AuditKey>(
    `select lead_id as "leadId", created_at::text as "createdAt", id
       from "Audit"
      where id = any ($1::uuid[]) and lead_id is not null
   order by lead_id, "Audit".created_at, id`,
    [ids],
  );
  let last: AuditKey | undefined;
  for (const until of rows) {
    // As in a page of many, only the first of a lead's audits counts its conversation.
    const after = last?.leadId === until.leadId ? last : startOf(until.leadId);
    yield { after, until, cursor: until, size: 1, key: until.id };
    last = until;
  }
}
