import type { Queryable } from "./db/database.ts";
import { UserError } from "./errors.ts";

const LISTED = 5;

/**
 * Refuses, with a UserError, messages of which two say that they come from one audit: the index that keeps an audit from
 * making a second one can't be built over them. Where the index is there, there are none. Refuses, too, another index of its name.
 */
export async function refuseSharedAudits(db: Queryable): Promise<void> {
  await refuseOtherIndex(db);
  const { rows } = await db.query<{ audit: string; found: string }>(
    `select metadata ->> 'auditId' as audit, count(*) over () as found
       from "Message"
      where metadata ->> 'auditId' is not null
        and not exists (select from pg_index where indexrelid = to_regclass('"Message_audit_id_key"') and indisvalid)
      group by 1
     having count(*) > 1
      order by 1
      limit $1`,
    [LISTED],
  );
  const [first] = rows;
  if (first === undefined) return;
  const more = Number(first.found) > rows.length ? ` and ${Number(first.found) - rows.length} more` : "";
  throw new UserError(
    `More than one message has the metadata.auditId ${rows.map(({ audit }) => audit).join(", ")}${more}. ` +
      "Keep one of each, then run again.",
  );
}

async function refuseOtherIndex(db: Queryable): Promise<void> {
  const { rows } = await db.query(
    `select 1 from pg_index where indexrelid = to_regclass('"Message_audit_id_key"') and not indisunique`,
  );
  if (rows.length > 0)
    throw new UserError(
      'The index "Message_audit_id_key" is not unique, so it is not the suite\'s. Rename it, then run again.',
    );
}
