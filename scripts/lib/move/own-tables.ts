/** The suite's own tables, which a source may have namesakes of. */
import type { Queryable } from "../db/database.ts";
import { expectedShape } from "../schema/baseline-shape.ts";

/** Those that stand in this schema, and that nothing moved may be mixed with: all of them where the suite's journal is there. */
export async function ownTables(db: Queryable, schema: string): Promise<ReadonlySet<string>> {
  const { rows } = await db.query(
    `select 1
       from pg_class
      where oid = to_regclass('migration_runs') and relnamespace = (select oid from pg_namespace where nspname = $1)`,
    [schema],
  );
  if (rows.length === 0) return new Set();
  const { tables, views } = expectedShape();
  return new Set([...Object.keys(tables), ...Object.keys(views), "_prisma_migrations"]);
}
