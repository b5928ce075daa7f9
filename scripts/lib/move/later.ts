/**
 * What is made once the rows are there: indexes, triggers and foreign keys of tables that a copy fills from nothing. To build an
 * index over rows takes a part of the time that keeping it takes, row by row. Each is noted in the transaction that makes its
 * table, and its note goes in the transaction that makes it: so none is forgotten, wherever the process was killed.
 */
import type { Queryable } from "../db/database.ts";
import { quoteName } from "../db/quote.ts";
import { hasJournal } from "../journal/runs.ts";
import type { Catalog, Constraint } from "./catalog-types.ts";
import type { Statement } from "./ddl/statement.ts";
import { createStatements } from "./ddl.ts";

/** What stands in `migration_effects`. */
const ACTION = "make later";

const LATE: ReadonlySet<Statement["kind"]> = new Set(["index", "trigger", "foreign key"]);

/** What a unique index refuses is one row while rows come, and would be the whole index afterwards. */
const isLate = ({ kind, sql }: Statement): boolean => LATE.has(kind) && !/^create unique index/i.test(sql);

/** What waits for its table's rows. How it is made is never read from the note: the source's catalog says it anew. */
export interface Later {
  readonly id: string;
  /** Its table's quoted name, schema included. */
  readonly target: string;
  /** Where its names are found. */
  readonly schema: string;
  readonly kind: Statement["kind"];
  /** As its statement has it. */
  readonly name: string;
  readonly table: string;
  /** What a foreign key ties together, as the target will have it. */
  readonly key?: Constraint;
}

type Noted = Omit<Later, "id" | "target">;

/** Tells what has to be there before the first row from what can wait for the last one; comments go with their subjects. */
export function divideStatements(statements: readonly Statement[]): {
  readonly now: readonly Statement[];
  readonly later: readonly Statement[];
} {
  const tables = new Map(statements.filter(isLate).map(({ name, table }) => [name, table]));
  const waits = (one: Statement) => isLate(one) || (one.kind === "comment" && tables.has(one.name));
  const ofTable = (statement: Statement): Statement => ({ ...statement, table: tables.get(statement.name) ?? "" });
  return {
    now: statements.filter((statement) => !waits(statement)),
    later: statements.filter(waits).map(ofTable),
  };
}

/** Notes them, as part of the transaction that makes their tables; what an earlier table of the same name still waited for is void. */
export async function noteLater(
  tx: Queryable,
  { runId, source, schema }: { readonly runId: number | null; readonly source: Catalog; readonly schema: string },
  later: readonly Statement[],
): Promise<void> {
  const sizes = new Map(source.tables.map(({ name, bytes }) => [name, bytes]));
  const sizeOf = ({ kind, table = "" }: Statement) => (kind === "index" ? (sizes.get(table) ?? 0) : -1);
  const targetOf = ({ table = "" }: Statement) => `${quoteName(schema)}.${quoteName(table)}`;
  const targets = later.map(targetOf);
  await tx.query("delete from migration_effects where action = $1 and table_name = any ($2)", [ACTION, targets]);
  // Those that take longest first, so that at the end no worker waits long for another.
  for (const statement of later.toSorted((one, other) => sizeOf(other) - sizeOf(one))) {
    const { kind, name, table = "" } = statement;
    const noted: Noted = { schema, kind, name, table, ...keyOf(source, schema, statement) };
    await tx.query(
      `insert into migration_effects (run_id, table_name, row_id, action, before)
       values ($1, $2, $3, $4, $5)`,
      [runId, targetOf(statement), `${kind} ${name}`, ACTION, JSON.stringify(noted)],
    );
  }
}

/** The notes about these tables, in the order in which they are to be made; indexes first. */
export async function listLater(db: Queryable, targets: readonly string[]): Promise<Later[]> {
  const { rows } = await db.query<{ id: string; target: string; before: Noted }>(
    `select id, table_name as target, before
       from migration_effects
      where action = $1 and table_name = any ($2)
      order by id`,
    [ACTION, targets],
  );
  return rows.map(({ before, ...about }) => ({ ...about, ...before }));
}

/** Whether it waits still; for as long as the transaction lasts, nobody else makes it. */
export async function takeLater(tx: Queryable, { id }: Later): Promise<boolean> {
  const taken = await tx.query("select from migration_effects where id = $1 and action = $2 for update", [id, ACTION]);
  return (taken.rowCount ?? 0) > 0;
}

/** Nothing waits any more. */
export async function settleLater(tx: Queryable, { id }: Later): Promise<void> {
  await tx.query("delete from migration_effects where id = $1", [id]);
}

/**
 * The target's catalog as it will be: with the foreign keys that wait. The order in which tables are filled follows from it, before
 * and after they are made.
 */
export async function withLater(db: Queryable, target: Catalog): Promise<Catalog> {
  if (!(await hasJournal(db))) return target;
  const names = new Map(
    target.tables.map(({ name }) => [`${quoteName(target.schema)}.${quoteName(name)}` as string, name] as const),
  );
  const later = await listLater(db, [...names.keys()]);
  return {
    ...target,
    tables: target.tables.map((table) => {
      const keys = later.filter(({ target: of }) => names.get(of) === table.name).flatMap(({ key }) => key ?? []);
      const missing = keys.filter(({ name }) => table.constraints.every((other) => other.name !== name));
      return missing.length === 0 ? table : { ...table, constraints: [...table.constraints, ...missing] };
    }),
  };
}

function keyOf(source: Catalog, schema: string, { kind, table, name }: Statement): Pick<Later, "key"> {
  if (kind !== "foreign key") return {};
  const constraints = source.tables.find((other) => other.name === table)?.constraints ?? [];
  const key = constraints.find((constraint) => `${table}.${constraint.name}` === name);
  return key?.references === undefined ? {} : { key: { ...key, references: { ...key.references, schema } } };
}

/** How all that may wait is made, as the source says; by kind and name. One that shows only a part of itself says nothing. */
export function makingsIn(source: Catalog): ReadonlyMap<string, string> {
  const nothing = { ...source, tables: [], types: [], sequences: [], functions: [] };
  const { statements } = createStatements(source, nothing, { tables: source.tables, functions: true });
  return new Map(divideStatements(statements).later.map(({ kind, name, sql }) => [`${kind} ${name}`, sql]));
}
