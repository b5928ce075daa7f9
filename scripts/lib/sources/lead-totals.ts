/** How many leads and jobs a span holds, and where it can be cut. */
import type { Queryable } from "../db/database.ts";
import type { Cursor, Span, Total } from "../task.ts";
import { GROUP, JOB_PASS, PASS, type Stretch, stretchOf } from "./lead-groups.ts";
import { type KeyRange, sampleCuts } from "./sample.ts";

/** How many leads and jobs lie in these spans. */
export async function countLeadsAndJobs(db: Queryable, spans: readonly Span[]): Promise<Total> {
  let items = 0;
  for (const stretch of spans.map(stretchOf)) {
    const { table, where, values } = rangeOfKeys(stretch);
    const { rows } = await db.query<{ count: string }>(`select count(*) from "${table}" where ${where}`, values);
    items += Number(rows[0]?.count);
  }
  return { items, exact: true };
}

/** Places that cut a span into about `parts` equal stretches. */
export async function divideIds(db: Queryable, span: Span, parts: number, items: number): Promise<Cursor[]> {
  const stretch = stretchOf(span);
  const cuts = await sampleCuts(db, rangeOfKeys(stretch), parts, items);
  return cuts.map((after) => ({ pass: stretch.pass, after }));
}

const rangeOfKeys = ({ pass, after, until }: Stretch): KeyRange =>
  pass === JOB_PASS
    ? { table: "Job", key: "id", where: "id > $1::uuid and id <= $2::uuid", values: [after, until] }
    : {
        table: "Lead",
        key: GROUP,
        where: `${PASS} = $1::int and ${GROUP} > $2::uuid and ${GROUP} <= $3::uuid`,
        values: [pass, after, until],
      };
