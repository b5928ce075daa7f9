import { fileURLToPath } from "node:url";
import { runSqlScript, type ScriptResult } from "../../../scripts/lib/sql-script.ts";
import batch from "../../../scripts/migrations/backfill-memory-notes.ts";
import { type Asked, addCustomer, addLead, type Columns } from "../../helpers/crm.ts";
import type { TestDatabase } from "../../helpers/database.ts";

const ROLLBACK = fileURLToPath(
  new URL("../../../prisma/migrations/20251111_backfill_memory_notes/rollback.sql", import.meta.url),
);

/** The batch with pages of so many items, so that few rows make many pages. */
export const inPagesOf = (items: number): typeof batch => ({
  ...batch,
  pageItems: () => ({ first: items, least: items, most: items }),
});

/** A lead with a customer of its own that remembers this; returns the lead's id. */
export const addRemembering = async (db: Asked, state: unknown, columns: Columns = {}): Promise<string> =>
  addLead(db, { customer_id: await addCustomer(db), state_metadata: state, ...columns });

/** `leads` leads, each with a customer and `each` keys of several kinds; made inside the database. */
export async function addManyStates(db: Asked, leads: number, each: number): Promise<void> {
  await db.query(
    `with customer as (
       insert into "Customer" (name) select 'Customer ' || n from generate_series(1, $1::int) n returning id)
     insert into "Lead" (channel, customer_id, state_metadata, created_at, updated_at)
     select 'sms', id,
            (select jsonb_object_agg('key_' || k, case k % 5
                                                    when 0 then to_jsonb(k)
                                                    when 1 then to_jsonb('value ' || k)
                                                    when 2 then jsonb_build_array('a', 'b', k)
                                                    when 3 then jsonb_build_object('city', 'Berlin', 'zip', k)
                                                    else to_jsonb(k % 2 = 0)
                                                  end)
               from generate_series(1, $2::int) k),
            '2025-01-01Z', '2025-01-02Z'
       from customer`,
    [leads, each],
  );
}

/** Runs the batch's rollback.sql; with `runId` only for that run. */
export const rollBackNotes = (
  { address }: Pick<TestDatabase, "address">,
  runId?: number | string | null,
): Promise<ScriptResult> =>
  runSqlScript(address, ROLLBACK, { settings: runId === undefined ? {} : { "backfill.run_id": String(runId) } });
