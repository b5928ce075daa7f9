import type { Queryable } from "./db/database.ts";
import { UserError } from "./errors.ts";

const LISTED = 5;

/** Rows that an index of ours keeps from standing there twice, and how people call them. */
interface Keyed {
  readonly index: string;
  /** Selects `key` as text of each key that several rows have; it is asked only where there is no valid index. */
  readonly shared: string;
  /** "More than one message has the metadata.auditId". */
  readonly complaint: string;
}

/** Refuses, with a UserError, messages of which two say that they come from one audit. */
export const refuseSharedAudits = (db: Queryable): Promise<void> =>
  refuseShared(db, {
    index: '"Message_audit_id_key"',
    complaint: "More than one message has the metadata.auditId",
    shared: `select metadata ->> 'auditId' as key
               from "Message"
              where metadata ->> 'auditId' is not null
              group by 1
             having count(*) > 1`,
  });

/** Refuses, with a UserError, notes of which two say that they come from one key of one lead. */
export const refuseSharedNotes = (db: Queryable): Promise<void> =>
  refuseShared(db, {
    index: '"MemoryNote_lead_state_key"',
    complaint: "More than one memory note has the same metadata.leadId and key:",
    shared: `select concat_ws(' ', metadata ->> 'leadId', to_json(left(metadata ->> 'key', 40))) as key
               from "MemoryNote"
              where metadata ->> 'source' = 'state_metadata_backfill'
                and metadata ->> 'leadId' is not null
                and metadata ->> 'key' is not null
              group by metadata ->> 'leadId', metadata ->> 'key'
             having count(*) > 1`,
  });

/** The index can't be built over rows that share a key: where it is there, none do. Refuses, too, another index of its name. */
async function refuseShared(db: Queryable, { index, shared, complaint }: Keyed): Promise<void> {
  const { rows: indexes } = await db.query<{ unique: boolean; valid: boolean }>(
    'select indisunique as "unique", indisvalid as valid from pg_index where indexrelid = to_regclass($1)',
    [index],
  );
  if (indexes.some(({ unique }) => !unique))
    throw new UserError(`The index ${index} is not unique, so it is not the suite's. Rename it, then run again.`);
  if (indexes.some(({ valid }) => valid)) return;
  const { rows } = await db.query<{ key: string; found: string }>(
    `select key, count(*) over () as found from (${shared}) shared order by key limit $1`,
    [LISTED],
  );
  const [first] = rows;
  if (first === undefined) return;
  const more = Number(first.found) > rows.length ? ` and ${Number(first.found) - rows.length} more` : "";
  throw new UserError(
    `${complaint} ${rows.map(({ key }) => key).join(", ")}${more}. Keep one of each, then run again.`,
  );
}
