/** Tables that stay as they are: what they hold is kept before anything is written, and the database refuses us to write to them. */
import type { Queryable } from "../../lib/db/database.ts";
import { quoteName } from "../../lib/db/quote.ts";
import { inTransaction } from "../../lib/db/transaction.ts";
import { guardTables, releaseTables } from "../../lib/move/preserve.ts";
import { setCanonical } from "../../lib/move/verify/canonical.ts";
import { keepPreserved } from "../../lib/move/verify/preserved.ts";
import type { Context } from "../../lib/task.ts";
import { NAME } from "./name.ts";
import type { Sides } from "./route.ts";

/** Guards the preserved tables; what they held before the first run that wrote is kept. */
export async function guard({ db, runId }: Context, { target, selection: { preserved } }: Sides): Promise<void> {
  const { schema } = target;
  if (runId !== null && preserved.length > 0)
    await inTransaction(db, {}, async (tx) => {
      await setCanonical(tx);
      const keeper = (await keeperOf(tx)) ?? runId;
      for (const table of target.tables.filter(({ name }) => preserved.includes(name)))
        await keepPreserved(tx, keeper, schema, table);
    });
  await guardTables(
    db,
    preserved.map((table) => ({ schema, table })),
  );
}

/** The run that kept what the preserved tables held; null where none has. */
export async function keeperOf(db: Queryable): Promise<number | null> {
  const { rows } = await db.query<{ id: string | null }>(
    `select min(e.run_id) as id
       from migration_effects e
       join migration_runs r on r.id = e.run_id
      where r.script = $1 and r.status <> 'rolled_back' and e.action = 'preserve'`,
    [NAME],
  );
  const id = rows[0]?.id ?? null;
  return id === null ? null : Number(id);
}

/** Those of these tables of which a run has kept what they held, whether they are still there or not. */
export async function keptBy(
  db: Queryable,
  keeper: number,
  schema: string,
  names: readonly string[],
): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    "select table_name as name from migration_effects where run_id = $1 and action = 'preserve' and row_id = 'rows'",
    [keeper],
  );
  const kept = new Set(rows.map(({ name }) => name));
  return names.filter((name) => kept.has(`${quoteName(schema)}.${quoteName(name)}`));
}

/** Takes the guards away. */
export const release = ({ db }: Context): Promise<void> => releaseTables(db);
