/** Rows of a table, with the status and the Content-Range that PostgREST gives them. */
import type { PoolClient } from "pg";
import { quoteName } from "../../../scripts/lib/db/quote.ts";
import { failure } from "./postgrest-gateway.ts";
import { readQuery, type Select, TABLE } from "./postgrest-query.ts";
import type { Answer, Asked } from "./stand-in.ts";

const PLAN = "application/vnd.pgrst.plan+json";

export interface Table {
  readonly schema: string;
  readonly table: string;
  readonly maxRows?: number | undefined;
  readonly showsPlans: boolean;
  /** Another number, another order where none is asked for. */
  readonly salt: number;
}

export async function rowsOf(
  client: PoolClient,
  { schema, table, maxRows, showsPlans, salt }: Table,
  asked: Asked,
): Promise<Answer> {
  const select = withRange(readQuery(asked.query), asked.headers.range);
  if ((select.limit ?? 0) < 0)
    return failure(416, "PGRST103", "Requested range not satisfiable", { "content-range": "*/*" });
  const name = `${quoteName(schema)}.${quoteName(table)}`;
  const from = `from ${name} ${TABLE} ${select.where === undefined ? "" : `where ${select.where}`}`;
  // Without an order every answer has another: rows come as they lie, and they move.
  const order = select.order ?? `md5(${TABLE}::text || '${salt}')`;
  const limit = Math.min(select.limit ?? maxRows ?? Number.MAX_SAFE_INTEGER, maxRows ?? Number.MAX_SAFE_INTEGER);
  const rows = `select ${select.columns} ${from} order by ${order} limit ${limit} offset ${select.offset}`;
  if (asked.headers.accept?.startsWith("application/vnd.pgrst.plan")) return planOf(client, rows, showsPlans);
  const total = await totalOf(client, from, asked.headers.prefer, maxRows);
  if (total !== undefined && select.offset > total)
    return failure(416, "PGRST103", "Requested range not satisfiable", { "content-range": `*/${total}` });
  const { rows: found } = await client.query<{ count: number; body: string }>(
    `with source as (${rows})
     select count(_postgrest_t)::int as count, coalesce(json_agg(_postgrest_t), '[]')::text as body from source _postgrest_t`,
  );
  const { count = 0, body = "[]" } = found[0] ?? {};
  return page(select, count, total, body);
}

/** A Range header wins over limit and offset. */
function withRange(select: Select, range: string | undefined): Select {
  const [, first, last] = /^(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (first === undefined) return select;
  const limit = last === "" ? undefined : Number(last) - Number(first) + 1;
  return { ...select, offset: Number(first), limit };
}

async function planOf(client: PoolClient, rows: string, showsPlans: boolean): Promise<Answer> {
  if (!showsPlans)
    return failure(406, "PGRST107", "None of these media types are available: application/vnd.pgrst.plan+json");
  const { rows: found } = await client.query<{ "QUERY PLAN": unknown }>(`explain (format json) ${rows}`);
  return {
    headers: { "content-type": `${PLAN}; for="application/json"; charset=utf-8` },
    body: found[0]?.["QUERY PLAN"],
  };
}

async function totalOf(
  client: PoolClient,
  from: string,
  prefer = "",
  most = Number.MAX_SAFE_INTEGER,
): Promise<number | undefined> {
  const kind = /count=(exact|planned|estimated)/.exec(prefer)?.[1];
  if (kind === undefined) return undefined;
  const { rows } = await client.query<{ count: number }>(`select count(*)::int as count ${from}`);
  const exact = rows[0]?.count ?? 0;
  if (kind === "exact" || (kind === "estimated" && exact <= most)) return exact;
  const plan = await client.query<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }>(
    `explain (format json) select 1 ${from}`,
  );
  return plan.rows[0]?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0;
}

function page({ offset }: Select, count: number, total: number | undefined, body: string): Answer {
  const range = count === 0 ? "*" : `${offset}-${offset + count - 1}`;
  return {
    status: total !== undefined && count < total ? 206 : 200,
    headers: { "content-type": "application/json; charset=utf-8", "content-range": `${range}/${total ?? "*"}` },
    body,
  };
}
