/**
 * The audit log as a source: ranges of ("lead_id", "created_at", id), which one index serves. Never by the timestamp alone:
 * more audits than a page holds may share one.
 */
import type { Queryable } from "../db/database.ts";
import { FIRST_UUID, LAST_UUID } from "../db/uuids.ts";
import type { Page, Span } from "../task.ts";

/** A place in the audit log. The timestamp travels as text, with its microseconds. */
export type AuditKey = { readonly leadId: string; readonly createdAt: string; readonly id: string };

/** The audits after one key up to another. Cut from the index alone its size counts those of all actors; cut anew, those that count. */
export interface AuditRange extends Page {
  readonly after: AuditKey;
  readonly until: AuditKey;
  /** The audits that are meant; without it all that lie in the range. */
  readonly ids?: readonly string[];
}

/** Before the first audit of a lead, or of all. */
export const startOf = (leadId = FIRST_UUID): AuditKey => ({ leadId, createdAt: "-infinity", id: FIRST_UUID });

/** Behind the last audit of a lead, or of all. */
export const endOf = (leadId = LAST_UUID): AuditKey => ({ leadId, createdAt: "infinity", id: LAST_UUID });

const MAX_INTEGER = 2 ** 31 - 1;

/** What audits of a stretch fulfil, by $1 to $6; and those that count, by $7. */
export const IN_RANGE = `(lead_id, created_at, id) > ($1::uuid, $2::timestamptz, $3::uuid)
              and (lead_id, created_at, id) <= ($4::uuid, $5::timestamptz, $6::uuid)`;
export const COUNTS = "actor = any ($7)";

/** From one place in the log to another. */
export type Bounds = { readonly after: AuditKey; readonly until: AuditKey };

/** A span of the runner's as a stretch of the log. */
export const boundsOf = ({ after, until }: Span): Bounds => ({
  after: (after as AuditKey | null) ?? startOf(),
  until: (until as AuditKey | null) ?? endOf(),
});

/** What the parameters $1 to $7 of every statement over a range are. */
export const rangeValues = (bounds: Bounds, actors: readonly string[]): unknown[] => [...placesOf(bounds), actors];

/** The parameters $1 to $6 of every statement over a range. */
export const placesOf = ({ after, until }: Bounds): string[] => [
  ...[after.leadId, after.createdAt, after.id],
  ...[until.leadId, until.createdAt, until.id],
];

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
  if (range.ids !== undefined) return halveIds(range, range.ids);
  const counting = await cutRange(db, range, MAX_INTEGER, actors);
  if (counting === undefined) return [];
  const whole = { ...range, size: counting.size, ...(counting.key === undefined ? {} : { key: counting.key }) };
  if (counting.size === 1) return [whole];
  const first = await cutRange(db, range, Math.floor(counting.size / 2), actors);
  return first === undefined ? [whole] : [first, { ...whole, after: first.until, size: counting.size - first.size }];
}

const halveIds = (range: AuditRange, ids: readonly string[]): AuditRange[] => {
  const middle = Math.floor(ids.length / 2);
  return [ids.slice(0, middle), ids.slice(middle)].map((half) => ({ ...range, ...named(half) }));
};

/** What a page of these audits, and no others, is told by. */
const named = (ids: readonly string[]): Pick<AuditRange, "ids" | "size"> & { readonly key: string } => ({
  ids,
  size: ids.length,
  key: ids.at(-1) ?? "",
});

/** Ranges of at most `items` audits each, for the ids that are still there. */
export async function* rangesOfAudits(
  db: Queryable,
  ids: readonly string[],
  items: number,
): AsyncGenerator<AuditRange, void> {
  const { rows } = await db.query<AuditKey>(
    `select lead_id as "leadId", created_at::text as "createdAt", id
       from "Audit"
      where id = any ($1::uuid[]) and lead_id is not null
   order by lead_id, "Audit".created_at, id`,
    [ids],
  );
  let last: AuditKey | undefined;
  for (let begin = 0; begin < rows.length; begin += items) {
    const page = rows.slice(begin, begin + items);
    const [first, until] = [page[0], page.at(-1)];
    if (first === undefined || until === undefined) return;
    // As in a page of many, only the first of a lead's audits counts its conversation.
    const after = last?.leadId === first.leadId ? last : startOf(first.leadId);
    yield { after, until, cursor: until, ...named(page.map(({ id }) => id)) };
    last = until;
  }
}
