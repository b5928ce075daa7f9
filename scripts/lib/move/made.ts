/** What the `schema` step makes is noted, object by object, in the transaction that makes it: a rollback drops that, and nothing else. */
import type { Queryable } from "../db/database.ts";
import { readSql } from "../sql-file.ts";

const OBJECTS = readSql(new URL("made/objects.sql", import.meta.url));

/** Whose run it is, and the schema that takes the copies of preserved tables: they are kept for safety, and no rollback drops them. */
export interface Making {
  readonly runId: number;
  readonly copies: string;
}

interface Made {
  readonly class: string;
  readonly oid: string;
  /** The three parts of what `pg_identify_object_as_address` answers. */
  readonly type: string;
  readonly names: readonly string[];
  readonly args: readonly string[];
  /** Quoted. */
  readonly schema: string;
  /** Its type and what it is called: `table salon.clients`. */
  readonly name: string;
  readonly is_new: boolean;
}

/** Does the work, and leaves an effect for each object that was not there before, in the order in which they were made. */
export async function noteMade<T>(tx: Queryable, { runId, copies }: Making, work: () => Promise<T>): Promise<T> {
  await tx.query("select pg_current_xact_id()"); // from now on the transaction has a number, which ages are counted from
  const before = new Set((await listObjects(tx)).map(idOf));
  const result = await work();
  const made = (await listObjects(tx)).filter(
    (object) => object.is_new && !before.has(idOf(object)) && object.names[0] !== copies,
  );
  for (const { schema, name, type, names, args, oid } of made)
    await tx.query(
      `insert into migration_effects (run_id, table_name, row_id, action, before)
       values ($1, $2, $3, 'make', $4)`,
      [runId, schema, name, JSON.stringify({ type, names, args, oid })],
    );
  return result;
}

const listObjects = async (tx: Queryable): Promise<Made[]> =>
  (await tx.query<Made & Record<string, unknown>>(OBJECTS)).rows;

const idOf = ({ class: of, oid }: Made): string => `${of} ${oid}`;
