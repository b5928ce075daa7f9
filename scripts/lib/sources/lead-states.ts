/**
 * What leads remember as a source: an item is one top-level key of a lead's `state_metadata`, or the whole of it where it is
 * no object. In the order of (lead, place): a key may be a megabyte long, so that its hash stands for it.
 */
import type { Queryable } from "../db/database.ts";
import { FIRST_UUID, LAST_UUID } from "../db/uuids.ts";
import type { Page, Span } from "../task.ts";

/** A place in a lead: the hash of an item. */
export type StateKey = { readonly leadId: string; readonly place: string };

/** From one place to another. */
export interface Bounds {
  readonly after: StateKey;
  readonly until: StateKey;
}

/** The items after one place up to another. */
export interface StateRange extends Page, Bounds {
  /** How many leads begin in it. */
  readonly leads: number;
  readonly key: string;
}

/** Before the first item of a lead, or of all. */
export const startOf = (leadId = FIRST_UUID): StateKey => ({ leadId, place: "" });

/** Behind the last item of a lead, or of all: no hexadecimal digit comes after "f". */
export const endOf = (leadId = LAST_UUID): StateKey => ({ leadId, place: "g" });

/** A span of the runner's as places. */
export const boundsOf = ({ after, until }: Span): Bounds => ({
  after: (after as StateKey | null) ?? startOf(),
  until: (until as StateKey | null) ?? endOf(),
});

/** The parameters $1 to $4 of every statement over a range. */
export const rangeValues = ({ after, until }: Bounds): string[] => [
  ...[after.leadId, after.place],
  ...[until.leadId, until.place],
];

/** Leads that have items, as a condition; those of a range, by $1 and $3. */
export const HAS_STATE = "l.state_metadata is not null and l.state_metadata <> '{}'";
export const LEAD_IN_RANGE = "l.id >= $1::uuid and l.id <= $3::uuid";
/** The items of a range, by $1 to $4, of rows that have `lead_id` and `place`. */
export const IN_RANGE =
  '(lead_id, place) > ($1::uuid, $2::text collate "C") and (lead_id, place) <= ($3::uuid, $4::text collate "C")';

/** An item's place: the hash of its lead and its key. Ids and the unique index are made of the same text. */
export const PLACE = "md5(l.id::text || '/' || coalesce(i.key, '')) collate \"C\"";
/** An item's key in the quarantine: lead and key, and where the key is long its beginning and its hash. */
export const ITEM_KEY = `lead_id || case
              when key is null               then ''
              when octet_length(key) <= 200  then '/' || key
              else '/' || left(key, 40) || '... ' || md5(key)
            end`;
/** The state `l.state_metadata` where it is an object, else one without keys. */
export const OBJECT = "case when jsonb_typeof(l.state_metadata) = 'object' then l.state_metadata else '{}' end";
/** The keys of a lead's items. */
export const KEYS = `(select jsonb_object_keys(${OBJECT}) as key
         union all
        select null where jsonb_typeof(l.state_metadata) <> 'object')`;

/** Places and keys of the items of the leads `l` that `leads` selects. */
const itemsOf = (leads: string): string =>
  `select lead_id, place, ${ITEM_KEY} as key
     from (select l.id as lead_id, i.key, ${PLACE} as place
             from (${leads}) l
            cross join lateral ${KEYS} i) item`;

const leadsWhere = (condition: string): string =>
  `select l.id, l.state_metadata from "Lead" l where ${HAS_STATE} and ${condition}`;

/** The item with which a range ends, how many the range holds, and how many leads begin in it. */
interface Cut extends StateKey {
  readonly key: string;
  readonly size: number;
  readonly leads: number;
}

/** The first of at most `leads` leads of a stretch that hold at most `items` items together, each whole; one at least. */
export async function cutLeads(
  db: Queryable,
  bounds: Bounds,
  { items, leads }: { readonly items: number; readonly leads: number },
): Promise<StateRange | undefined> {
  const { rows } = await db.query<Cut>(
    `with item as materialized (${itemsOf(`${leadsWhere(LEAD_IN_RANGE)} order by l.id limit $5::int`)} where ${IN_RANGE}),
          running as (
            select lead_id, sum(count(*)) over (order by lead_id)::int as size, row_number() over (order by lead_id)::int as nth
              from item
          group by lead_id),
          cut as (select * from running where nth = 1 or size <= $6 order by nth desc limit 1)
     select item.lead_id as "leadId", item.place, item.key, cut.size,
            cut.nth - (exists (select from item where lead_id = $1::uuid and $2 <> ''))::int as leads
       from cut
       join item on item.lead_id = cut.lead_id
   order by item.place desc
      limit 1`,
    [...rangeValues(bounds), leads + 1, items], // the first lead may be one that lies behind already
  );
  return rows[0] && rangeOf(bounds.after, rows[0]);
}

/** Two halves of a range, by the middle of what it held; where the second holds nothing any more, the first alone. */
export async function halveStates(db: Queryable, range: StateRange): Promise<StateRange[]> {
  const { rows } = await db.query<Cut>(
    `with half as (${itemsOf(leadsWhere(LEAD_IN_RANGE))} where ${IN_RANGE} order by lead_id, place limit $5)
     select lead_id as "leadId", place, key, (select count(*)::int from half) as size, 0 as leads
       from half
   order by lead_id desc, place desc
      limit 1`,
    [...rangeValues(range), Math.floor(range.size / 2)],
  );
  const [middle] = rows;
  if (middle === undefined) return [];
  const first = rangeOf(range.after, middle);
  if (middle.leadId === range.until.leadId && middle.place === range.until.place) return [first];
  return [first, { ...range, after: first.until, size: range.size - middle.size }];
}

/** Ranges of one item each, for the keys that are still there. Of several items of a lead the first counts its lead. */
export async function* rangesOfStates(db: Queryable, keys: readonly string[]): AsyncGenerator<StateRange, void> {
  const ids = keys.map((key) => key.slice(0, FIRST_UUID.length));
  const { rows } = await db.query<Cut>(
    `select lead_id as "leadId", place, key, 1 as size,
            (row_number() over (partition by lead_id order by place) = 1)::int as leads
       from (${itemsOf(leadsWhere("l.id = any ($1::uuid[])"))}) item
      where key = any ($2)
   order by lead_id, place`,
    [[...new Set(ids)], keys],
  );
  for (const row of rows) yield rangeOf(startOf(row.leadId), row);
}

const rangeOf = (after: StateKey, { leadId, place, key, size, leads }: Cut): StateRange => ({
  after,
  until: { leadId, place },
  cursor: { leadId, place },
  size,
  leads,
  key,
  step: 1,
});
