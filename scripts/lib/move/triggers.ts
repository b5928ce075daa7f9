/** Triggers of the target would change what arrives: a row that says when it was last touched, say. */
import type { Queryable } from "../db/database.ts";
import { quoteName } from "../db/quote.ts";

interface Trigger extends Record<string, unknown> {
  readonly name: string;
  readonly enabled: "O" | "A";
}

/**
 * Runs `work` while a table's own triggers rest; foreign keys are still checked. Others see them at work all the time: where `work`
 * fails or the process dies, the transaction is rolled back, and with it that they rest. `relation` is quoted.
 */
export async function withoutTriggers<T>(tx: Queryable, relation: string, work: () => Promise<T>): Promise<T> {
  const { rows } = await tx.query<Trigger>(
    `select tgname as name, tgenabled as enabled
       from pg_trigger
      where tgrelid = $1::regclass and not tgisinternal and tgenabled in ('O', 'A')`,
    [relation],
  );
  for (const { name } of rows) await tx.query(`alter table ${relation} disable trigger ${quoteName(name)}`);
  const result = await work();
  for (const { name, enabled } of rows)
    await tx.query(`alter table ${relation} enable ${enabled === "A" ? "always " : ""}trigger ${quoteName(name)}`);
  return result;
}
