/** What the rollback of batch 10 is tested with: two databases, and runs of a copy and of a sync between them. */
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { quoteName } from "../../../scripts/lib/db/quote.ts";
import { guardTables } from "../../../scripts/lib/move/preserve.ts";
import { type TestDatabase, useDatabase } from "../../helpers/database.ts";
import { type InProcess, runInProcess } from "../../helpers/script.ts";
import { copyBatch, withSource } from "../../lib/move/copy/copy-batch.ts";
import { runSync } from "../../lib/move/sync/sync-batch.ts";

/** The schema that is copied into; the source's is `public`. */
export const SCHEMA = "moved";

export interface Moving {
  readonly source: TestDatabase;
  readonly target: TestDatabase;
  copy(argv?: readonly string[], pageItems?: number): Promise<InProcess>;
  sync(): Promise<InProcess>;
  guard(table: string): Promise<void>;
  /** Every table of the target, in whatever schema, as texts; without where rows stand. */
  everything(): Promise<Record<string, unknown>>;
}

export function useMoving(): Moving {
  const source = useDatabase({ empty: true });
  const target = useDatabase();
  return {
    source,
    target,
    copy: (argv = [], pageItems = 30) =>
      withSource(source.address, "public", async (from) =>
        runInProcess(
          await copyBatch({ source: from, address: target.address, schema: SCHEMA, pageItems }),
          target,
          argv,
        ),
      ),
    sync: async () => {
      const run = await runSync({ source, target, schema: SCHEMA, deleteMissing: true });
      if (run.exitCode !== 0) throw new Error(run.output);
      return run;
    },
    guard: (table) => withDatabase(target.address, {}, (db) => guardTables(db, [{ schema: SCHEMA, table }])),
    everything: () => everythingIn(target, SCHEMA),
  };
}

/** Every table of the database's own schema and of another one, and all that both are made of. */
export const everythingIn = async (db: TestDatabase, schema: string): Promise<Record<string, unknown>> => ({
  ...(await db.snapshot()),
  [schema]: await rowsOf(db, schema),
  made: await madeOf(db),
});

async function rowsOf(db: TestDatabase, schema: string): Promise<Record<string, string[]>> {
  const { rows: tables } = await db.query<{ name: string }>(
    `select c.relname as name
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind in ('r', 'p')
      order by 1`,
    [schema],
  );
  const texts: Record<string, string[]> = {};
  for (const { name } of tables) {
    const { rows } = await db.query<{ row: string }>(
      `select (t.*)::text as row from ${quoteName(schema)}.${quoteName(name)} t order by 1`,
    );
    texts[name] = rows.map(({ row }) => row);
  }
  return texts;
}

/** Also whether triggers are at work, and how foreign keys are checked. */
async function madeOf(db: TestDatabase): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>(
    `select format('%s %s', relkind, oid::regclass) as line from pg_class where relnamespace >= 16384 and relkind <> 't'
      union all
     select format('type %s', oid::regtype) from pg_type where typnamespace >= 16384 and typtype <> 'c' and typelem = 0
      union all
     select format('function %s', oid::regprocedure) from pg_proc where pronamespace >= 16384
      union all
     select format('schema %s', nspname) from pg_namespace where oid >= 16384 and nspname !~ '^pg_'
      union all
     select format('trigger %s %s', pg_get_triggerdef(oid), tgenabled) from pg_trigger where not tgisinternal
      union all
     select format('constraint %s %s', conname, pg_get_constraintdef(oid)) from pg_constraint where connamespace >= 16384
      order by 1`,
  );
  // What a session made for itself goes a moment after it.
  return rows.map(({ line }) => line).filter((line) => !/\bpg_(toast_)?temp_/.test(line));
}
