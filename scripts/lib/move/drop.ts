/** What `--drop-existing` takes away before the schema is made anew: named first, all of it in the transaction that makes the new one. */
import type { Queryable } from "../db/database.ts";
import { quoteName } from "../db/quote.ts";
import { UserError } from "../errors.ts";
import { readSql } from "../sql-file.ts";
import type { Catalog } from "./catalog-types.ts";
import { ownTables } from "./own-tables.ts";
import type { Selection } from "./selection.ts";

const DEPENDENTS = readSql(new URL("ddl/dependents.sql", import.meta.url));
const TYPE_USERS = readSql(new URL("ddl/type-users.sql", import.meta.url));

/** All of them of the target's schema, by name. */
export interface Drops {
  readonly tables: readonly string[];
  /** Types that the source defines otherwise, and that nothing which stays uses. */
  readonly types: readonly string[];
  /** The tables of which a copy is kept first: the preserved ones. */
  readonly copied: readonly string[];
}

interface TypeUser {
  readonly name: string;
  readonly types: readonly string[];
  readonly byOthers: boolean;
}

/**
 * Finds what has to go for the selected tables to be made as the source has them. Throws a UserError, which names them, where other
 * things lean on these tables, preserved ones above all, or where a table is the suite's own. Only reads.
 */
export async function planDrops(
  db: Queryable,
  source: Catalog,
  target: Catalog,
  { tables: selected, preserved }: Selection,
): Promise<Drops> {
  const tables = selected.map(({ name }) => name).filter((name) => target.tables.some((there) => there.name === name));
  const own = await ownTables(db, target.schema);
  const ours = tables.filter((name) => own.has(name));
  if (ours.length > 0)
    throw new UserError(
      `--drop-existing would drop the suite's own ${ours.join(", ")}: choose another --target-schema.`,
    );
  const { rows: dependents } = await db.query<{ line: string }>(DEPENDENTS, [target.schema, tables]);
  if (dependents.length > 0)
    throw new UserError(
      `--drop-existing drops nothing that others lean on: ${dependents.map(({ line }) => line).join("; ")}. Drop these by hand, or leave their tables out of --tables.`,
    );
  const changed = target.types.filter(({ name, definition }) =>
    source.types.some((type) => type.name === name && type.definition !== definition),
  );
  const names = changed.map(({ name }) => name);
  const { rows: users } = await db.query<TypeUser>(TYPE_USERS, [target.schema, names, tables]);
  return { tables, types: unused(users), copied: preserved };
}

/** A type stays where something else uses it, or a type that stays. */
function unused(types: readonly TypeUser[]): string[] {
  let free = types.filter(({ byOthers }) => !byOthers);
  for (let before = -1; before !== free.length; ) {
    before = free.length;
    free = free.filter((type) => type.types.every((user) => free.some(({ name }) => name === user)));
  }
  return free.map(({ name }) => name).sort();
}

/**
 * Copies the preserved tables' rows into a schema of that name, then drops what was planned. Nothing cascades: where something came to
 * lean on a table since, the server refuses.
 */
export async function dropExisting(tx: Queryable, schema: string, drops: Drops, copies: string): Promise<void> {
  const qualified = (name: string) => `${quoteName(schema)}.${quoteName(name)}`;
  if (drops.copied.length > 0) await tx.query(`create schema ${quoteName(copies)}`);
  for (const name of drops.copied)
    await tx.query(`create table ${quoteName(copies)}.${quoteName(name)} as table ${qualified(name)}`);
  if (drops.tables.length > 0) await tx.query(`drop table ${drops.tables.map(qualified).join(", ")} restrict`);
  if (drops.types.length > 0) await tx.query(`drop type ${drops.types.map(qualified).join(", ")} restrict`);
}

/** What a target's catalog is once that has been done. */
export const afterDrops = (target: Catalog, drops: Drops): Catalog => ({
  ...target,
  tables: target.tables.filter(({ name }) => !drops.tables.includes(name)),
  types: target.types.filter(({ name }) => !drops.types.includes(name)),
  sequences: target.sequences.filter(({ ownedBy }) => ownedBy === null || !drops.tables.includes(ownedBy.table)),
});

/** One line for each kind of thing that goes, and for what is copied. */
export const linesOfDrops = ({ tables, types, copied }: Drops, schema: string, copies: string): string[] => [
  ...(copied.length === 0 ? [] : [`copies ${copied.join(", ")} into schema ${copies}`]),
  ...(tables.length === 0 ? [] : [`drops from schema ${schema} the tables ${tables.join(", ")}, with their rows`]),
  ...(types.length === 0 ? [] : [`drops from schema ${schema} the types ${types.join(", ")}`]),
];
