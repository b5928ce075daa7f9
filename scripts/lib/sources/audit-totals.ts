/** How much a stretch of the audit log holds, and where it can be cut. */
import type { Queryable } from "../db/database.ts";
import type { Cursor, Ended, Span, Total } from "../task.ts";
import { type AuditKey, type Bounds, boundsOf, COUNTS, endOf, IN_RANGE, rangeValues } from "./audit-log.ts";
import { sampleCuts } from "./sample.ts";

/** Counting a larger table exactly would take longer than it is worth. */
const EXACT_BELOW_BYTES = 1024 ** 3;

/** How many audits these stretches hold: counted, or, where the table is large, as the planner estimates. */
export async function countAudits(db: Queryable, spans: readonly Span[], actors: readonly string[]): Promise<Total> {
  const { rows: sizes } = await db.query<{ large: boolean }>(
    `select pg_relation_size('"Audit"') > ${EXACT_BELOW_BYTES} as large`,
  );
  const exact = sizes[0]?.large !== true;
  let items = 0;
  for (const span of spans) {
    const values = rangeValues(boundsOf(span), actors);
    items += await (exact ? countExactly(db, values) : estimate(db, values));
  }
  return { items, exact };
}

async function countExactly(db: Queryable, values: readonly unknown[]): Promise<number> {
  const { rows } = await db.query<{ count: string }>(
    `select count(*) from "Audit" where ${IN_RANGE} and ${COUNTS}`,
    values,
  );
  return Number(rows[0]?.count);
}

async function estimate(db: Queryable, values: readonly unknown[]): Promise<number> {
  const { rows } = await db.query<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }>(
    `explain (format json) select from "Audit" where ${IN_RANGE} and ${COUNTS}`,
    values,
  );
  return rows[0]?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0;
}

/** Places that cut a stretch of the log into about `parts` equal ones, each at the end of a lead. */
export async function divideAudits(
  db: Queryable,
  span: Span,
  actors: readonly string[],
  parts: number,
  items: number,
): Promise<Cursor[]> {
  const range = {
    table: "Audit",
    key: "lead_id",
    where: `${IN_RANGE} and ${COUNTS}`,
    values: rangeValues(boundsOf(span), actors),
  };
  return (await sampleCuts(db, range, parts, items)).map(endOf);
}

/** How far `--limit` lets a stretch be worked off, how many leads that are, and whether more lie behind. */
export async function limitOf(
  db: Queryable,
  bounds: Bounds,
  actors: readonly string[],
  limit: number,
): Promise<{ until?: AuditKey; leads: number; ended: Ended }> {
  if (limit === Number.POSITIVE_INFINITY) return { until: bounds.until, leads: 0, ended: "end" };
  const { leads, last } = await leadsWithin(db, bounds, actors, Math.max(1, limit));
  if (limit === 0) return { leads: 0, ended: leads > 0 ? "limit" : "end" };
  if (leads <= limit || last === null) return { until: bounds.until, leads, ended: "end" };
  return { until: endOf(last), leads: limit, ended: "limit" };
}

/** How many leads a stretch holds, but at most `limit` + 1; and which is the `limit`th. `limit` is 1 or more. */
export async function leadsWithin(
  db: Queryable,
  bounds: Bounds,
  actors: readonly string[],
  limit: number,
): Promise<{ readonly leads: number; readonly last: string | null }> {
  const { rows } = await db.query<{ leads: number; last: string | null }>(
    `with lead as (select distinct lead_id from "Audit" where ${IN_RANGE} and ${COUNTS} order by lead_id limit $8)
     select (select count(*)::int from lead) as leads,
            (select lead_id from lead order by lead_id offset $8 - 2 limit 1) as last`,
    [...rangeValues(bounds, actors), limit + 1],
  );
  return rows[0] ?? { leads: 0, last: null };
}
