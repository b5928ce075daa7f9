/**
 * Leads as a source, grouped by what makes them one person: four passes by kind of key, each in the order of the groups' ids.
 * A page holds every group whole.
 */
import type { Queryable } from "../db/database.ts";
import { FIRST_UUID, LAST_UUID, uuidBefore } from "../db/uuids.ts";
import type { Cursor, Page, Span } from "../task.ts";

/** Passes by messenger psid, phone, e-mail, and leads with none of them. */
export const LEAD_PASSES = [1, 2, 3, 4] as const;

/** The jobs come when the leads have their customers. */
export const JOB_PASS = 5;

/** After a group of a pass, or after a job. */
export interface Place {
  readonly pass: number;
  readonly after: string;
}

/** Groups of a pass, or jobs, after one id up to another. */
export interface IdRange extends Page {
  readonly pass: number;
  readonly after: string;
  readonly until: string;
  /** How many leads it held when it was cut; 0 for jobs. */
  readonly leads: number;
}

/** Groups of a pass, or jobs, after one id up to another. */
export type Stretch = Pick<IdRange, "pass" | "after" | "until">;

/** The whole of a pass, as a span of the runner's. */
export const spanOfPass = (pass: number): Span => ({
  after: { pass, after: FIRST_UUID },
  until: { pass, after: LAST_UUID },
});

/** A span of the runner's; it never reaches over the end of a pass. */
export function stretchOf({ after, until }: Span): Stretch {
  const [from, to] = [after, until] as (Cursor & Place)[];
  return { pass: from?.pass ?? 1, after: from?.after ?? FIRST_UUID, until: to?.after ?? LAST_UUID };
}

/** The id of a lead's group, and the pass that it belongs to, as SQL. */
export const GROUP = "crm_uuid('lead_backfill', crm_lead_key(messenger_psid, phone, email, id))";
export const PASS = "crm_lead_pass(messenger_psid, phone, email)";

/** Of what kind a quarantine's key is: `group:<uuid>` or `job:<uuid>`. */
const keyOf = (pass: number, id: string): string => `${pass === JOB_PASS ? "job" : "group"}:${id}`;

/** The first groups of a pass after `after`, each whole, that hold at least `leads` leads together, or as many as there are. */
export async function cutGroups(
  db: Queryable,
  { pass, after, until }: Stretch,
  leads: number,
): Promise<IdRange | undefined> {
  const { rows } = await db.query<{ until: string; size: number; leads: number }>(
    `with page as (
       select ${GROUP} as id
         from "Lead"
        where ${PASS} = $1 and ${GROUP} > $2::uuid and ${GROUP} <= $3::uuid
     order by ${GROUP}
        fetch first ($4) rows with ties)
     select id as until, (select count(distinct id)::int from page) as size, (select count(*)::int from page) as leads
       from page
   order by id desc
      limit 1`,
    [pass, after, until, leads],
  );
  return rows[0] && rangeOf(pass, after, rows[0]);
}

/** The first `size` jobs after `after`. */
export async function cutJobs(
  db: Queryable,
  { after, until }: Omit<Stretch, "pass">,
  size: number,
): Promise<IdRange | undefined> {
  const { rows } = await db.query<{ until: string; size: number; leads: number }>(
    `with page as (select id from "Job" where id > $1::uuid and id <= $2::uuid order by id limit $3)
     select id as until, (select count(*)::int from page) as size, 0 as leads
       from page
   order by id desc
      limit 1`,
    [after, until, size],
  );
  return rows[0] && rangeOf(JOB_PASS, after, rows[0]);
}

/** Two halves of a range, by the middle of what it held; where the second holds nothing any more, the first alone. */
export async function halveIds(db: Queryable, range: IdRange): Promise<IdRange[]> {
  const middle = await middleOf(db, range);
  if (middle === undefined) return [];
  const part = (after: string, until: string, size: number): IdRange => ({
    ...range,
    ...rangeOf(range.pass, after, { until, size, leads: 0 }),
  });
  const first = part(range.after, middle.id, middle.size);
  return middle.id === range.until ? [first] : [first, part(middle.id, range.until, range.size - middle.size)];
}

/** Ranges of one group or job each, for the keys that are still there. */
export async function* rangesOfKeys(db: Queryable, keys: readonly string[]): AsyncGenerator<IdRange, void> {
  const ids = (kind: string) =>
    keys.filter((key) => key.startsWith(`${kind}:`)).map((key) => key.slice(kind.length + 1));
  const { rows } = await db.query<{ pass: number; id: string }>(
    `select distinct pass, id
       from (select ${PASS} as pass, ${GROUP} as id
               from "Lead"
              where ${PASS} in (${LEAD_PASSES.join(", ")}) and ${GROUP} = any ($1::uuid[])
              union all
             select ${JOB_PASS}, id from "Job" where id = any ($2::uuid[])) kept
   order by pass, id`,
    [ids("group"), ids("job")],
  );
  for (const { pass, id } of rows) yield rangeOf(pass, uuidBefore(id), { until: id, size: 1, leads: 0 });
}

/** The id in the middle of a range, and how many there are up to it. */
async function middleOf(
  db: Queryable,
  { pass, after, until, size }: IdRange,
): Promise<{ id: string; size: number } | undefined> {
  const page =
    pass === JOB_PASS
      ? 'select id from "Job" where $1::int is not null and id > $2::uuid and id <= $3::uuid order by id limit $4'
      : `select distinct ${GROUP} as id
           from "Lead"
          where ${PASS} = $1 and ${GROUP} > $2::uuid and ${GROUP} <= $3::uuid
       order by 1
          limit $4`;
  const { rows } = await db.query<{ id: string; size: number }>(
    `with page as (${page})
     select id, (select count(*)::int from page) as size from page order by id desc limit 1`,
    [pass, after, until, Math.floor(size / 2)],
  );
  return rows[0];
}

const rangeOf = (
  pass: number,
  after: string,
  { until, size, leads }: { until: string; size: number; leads: number },
): IdRange => ({
  pass,
  after,
  until,
  size,
  leads,
  cursor: { pass, after: until },
  step: pass,
  key: keyOf(pass, until),
});
