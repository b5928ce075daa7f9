import type { Queryable } from "./db/database.ts";
import { UserError } from "./errors.ts";

const LISTED = 5;

/**
 * Refuses, with a UserError, notes of which two say that they come from one key of one lead: the index that keeps a key from
 * making a second one can't be built over them. Refuses, too, another index of its name.
 */
export async function refuseSharedNotes(db: Queryable): Promise<void> {
  const { rows: others } = await db.query(
    `select 1 from pg_index where indexrelid = to_regclass('"MemoryNote_lead_state_key"') and not indisunique`,
  );
  if (others.length > 0)
    throw new UserError(
      'The index "MemoryNote_lead_state_key" is not unique, so it is not the suite\'s. Rename it, then run again.',
    );
  const { rows } = await db.query<{ lead: string; key: string; found: string }>(
    `select metadata ->> 'leadId' as lead, left(metadata ->> 'key', 40) as key, count(*) over () as found
       from "MemoryNote"
      where metadata ->> 'source' = 'state_metadata_backfill'
        and metadata ->> 'leadId' is not null
        and metadata ->> 'key' is not null
        and not exists (select from pg_index where indexrelid = to_regclass('"MemoryNote_lead_state_key"') and indisvalid)
      group by metadata ->> 'leadId', metadata ->> 'key'
     having count(*) > 1
      order by 1, 2
      limit $1`,
    [LISTED],
  );
  const [first] = rows;
  if (first === undefined) return;
  const more = Number(first.found) > rows.length ? ` and ${Number(first.found) - rows.length} more` : "";
  throw new UserError(
    `More than one memory note has the same metadata.leadId and key: ${rows.map(({ lead, key }) => `${lead} ${JSON.stringify(key)}`).join(", ")}${more}. ` +
      "Keep one of each, then run again.",
  );
}
