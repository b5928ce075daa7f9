/** How many items leads' states hold, and where the leads can be cut. */
import type { Queryable } from "../db/database.ts";
import type { Cursor, Span, Total } from "../task.ts";
import { type Bounds, boundsOf, endOf, HAS_STATE, KEYS, LEAD_IN_RANGE, PLACE, rangeValues } from "./lead-states.ts";
import { sampleCuts } from "./sample.ts";

/** Reading every state of a larger table would take longer than an exact number is worth: one block in a hundred is enough. */
const EXACT_BELOW_BYTES = 1024 ** 3;

/** How many items lie in these spans. */
export async function countStates(db: Queryable, spans: readonly Span[]): Promise<Total> {
  const { rows: sizes } = await db.query<{ large: boolean }>(
    `select pg_table_size('"Lead"') > ${EXACT_BELOW_BYTES} as large`,
  );
  const exact = sizes[0]?.large !== true;
  let items = 0;
  for (const span of spans) items += await countSpan(db, boundsOf(span), exact ? "" : "tablesample system (1)");
  return { items: exact ? items : items * 100, exact };
}

/** Places are hashed for the leads at both ends only. */
async function countSpan(db: Queryable, bounds: Bounds, sample: string): Promise<number> {
  const { rows } = await db.query<{ count: string }>(
    `select count(*)
       from "Lead" l ${sample}
      cross join lateral ${KEYS} i
      where ${HAS_STATE} and ${LEAD_IN_RANGE}
        and (l.id <> $1::uuid or ${PLACE} > $2)
        and (l.id <> $3::uuid or ${PLACE} <= $4)`,
    rangeValues(bounds),
  );
  return Number(rows[0]?.count);
}

/** Leads that cut a span into about `parts` equal stretches; each holds one item at least. */
export async function divideStates(db: Queryable, span: Span, parts: number, items: number): Promise<Cursor[]> {
  const [first, , last] = rangeValues(boundsOf(span));
  const range = { table: "Lead", key: "id", where: "id > $1::uuid and id <= $2::uuid and state_metadata is not null" };
  return (await sampleCuts(db, { ...range, values: [first, last] }, parts, items)).map(endOf);
}
