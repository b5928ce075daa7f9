import type pg from "pg";
import { cancelPoolOnAbort } from "../../db/cancel.ts";
import { type Queryable, withDatabase } from "../../db/database.ts";
import { LOCK_KEY } from "../../db/lock.ts";
import { inTransaction } from "../../db/transaction.ts";
import { MustWait, RunFailed } from "../../errors.ts";
import { explainScriptError } from "../../sql-script.ts";
import type { Desk } from "../desk.ts";
import { type Deeds, type Kept, readDeeds } from "./deeds.ts";
import { openLedger, type Undoing } from "./ledger.ts";
import type { RollbackScript } from "./script.ts";
import { findMisses } from "./scrutiny.ts";

/** More would hide the first. */
const NAMED_MISSES = 5;

/**
 * Runs a rollback.sql as psql would, looks at what its transaction did, and commits where `approve` says so; else all is undone.
 * So a rehearsal tells exactly what the real one would do, and takes the same locks for that time. Throws RunFailed, and nothing
 * is changed, where something of the runs would be left, or anything else be touched. A connection of its own for each: what
 * PostgreSQL counts for one transaction includes what the session did a moment before.
 */
export function attempt(
  { address, signal }: Pick<Desk, "address" | "signal">,
  undoing: Undoing,
  script: RollbackScript,
  approve: (deeds: Deeds) => boolean,
): Promise<Deeds> {
  return withDatabase(address, { max: 2 }, async (db) => {
    const notices: string[] = [];
    db.pool.on("connect", (client) => client.on("notice", ({ message = "" }) => notices.push(message)));
    const stopListening = cancelPoolOnAbort(db, signal);
    let deeds: Deeds | undefined;
    const undone = new Error("All of it is to be undone.");
    try {
      await inTransaction(db, {}, async (tx) => {
        signal.throwIfAborted();
        deeds = await carryOut(tx, undoing, script, notices);
        signal.throwIfAborted();
        if (!approve(deeds)) throw undone;
      });
    } catch (error) {
      signal.throwIfAborted();
      if (error !== undone) throw error;
    } finally {
      stopListening();
    }
    if (deeds === undefined) throw new Error("A rollback ended without having begun.");
    return deeds;
  });
}

async function carryOut(tx: Queryable, undoing: Undoing, script: RollbackScript, notices: string[]): Promise<Deeds> {
  const { entry, runId } = undoing;
  await takeLock(tx, entry.name);
  await tx.query("select set_config('backfill.run_id', $1, true)", [runId ?? ""]);
  const ledger = await openLedger(tx, undoing);
  const kept = await execute(tx, script);
  const deeds = await readDeeds(tx, ledger, { kept, notices: [...notices] });
  const misses = await findMisses(tx, undoing, ledger, deeds);
  if (misses.length === 0) return deeds;
  const more = misses.length > NAMED_MISSES ? [`and ${misses.length - NAMED_MISSES} more`] : [];
  throw new RunFailed(
    `Nothing was changed: to roll back batch ${entry.number} would not do what it should: ${[...misses.slice(0, NAMED_MISSES), ...more].join("; ")}. Look into it; psql -f rollback.sql does it all the same.`,
  );
}

/** The script takes it, too; here nothing is looked at before a run has ended. */
async function takeLock(tx: Queryable, name: string): Promise<void> {
  const { rows } = await tx.query<{ locked: boolean }>(`select pg_try_advisory_xact_lock(${LOCK_KEY}) as locked`, [
    name,
  ]);
  if (rows[0]?.locked !== true)
    throw new MustWait(`Nothing was changed: a run of ${name} is at work. Roll back when it has ended.`);
}

/** The last rows that it returns say what it kept. */
async function execute(tx: Queryable, { path, body }: RollbackScript): Promise<Kept[]> {
  try {
    const answer: pg.QueryResult<Kept> | pg.QueryResult<Kept>[] = await tx.query<Kept>(body);
    const results = Array.isArray(answer) ? answer : [answer];
    return results.filter(({ fields }) => fields.length > 0).at(-1)?.rows ?? [];
  } catch (error) {
    throw explainScriptError(error, path, body);
  }
}
