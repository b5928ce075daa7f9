/** What a copy is about: which columns of which tables go where, and which tables can only be filled after which. */
import { quoteName } from "../../db/quote.ts";
import { UserError } from "../../errors.ts";
import { type Catalog, type Column, type Constraint, keyOf, type Table } from "../catalog-types.ts";
import { orderTables } from "../order.ts";
import type { Source } from "../source.ts";
import { type Form, formOf } from "./form.ts";

/** One table on its way. */
export interface Moved {
  /** As the source has it, with only those columns that are copied. */
  readonly table: Table;
  /** Its primary key at the source. */
  readonly key: readonly string[];
  /** Its quoted name in the target, schema included. */
  readonly target: string;
  /** A constraint of the target tells rows apart by the same key. */
  readonly keyIsUnique: boolean;
  /** It does so at once: a deferrable one is none that `on conflict` could go by. */
  readonly keyArbitrates: boolean;
  /** The target would give some column's value itself, unless it is told otherwise. */
  readonly overriding: boolean;
  /** How its rows are read, from a source that has both. */
  readonly form: Form;
  /** The target has triggers that fire on an insert; while a page is stored they rest, and others can't write to the table. */
  readonly triggered: boolean;
  /** The target does not have it yet. */
  readonly absent: boolean;
  /** Foreign keys that lead to the table itself, or to one that is filled at the same time. */
  readonly loops: readonly Constraint[];
}

/** A copy: its tables, level by level; those of a level can be filled side by side. */
export interface Move {
  /** The batch: whose quarantine and effects these are. */
  readonly script: string;
  readonly source: Source;
  /** What the source shows. */
  readonly catalog: Catalog;
  /** The quoted schema that the tables go to. */
  readonly schema: string;
  readonly levels: readonly (readonly Moved[])[];
}

export interface Plan {
  readonly script: string;
  readonly source: Source;
  readonly catalog: Catalog;
  readonly target: Catalog;
  /** The names of the tables to copy; preserved ones are not among them. */
  readonly tables: readonly string[];
  /** Tables that the target does not have yet are taken as the source has them: a dry run can count what would go there. */
  readonly dryRun?: boolean;
}

/** Puts a copy together. Throws a UserError where the target has no place for a table or for one of its columns. */
export function planMove({ script, source, catalog, target, tables, dryRun = false }: Plan): Move {
  const there = new Set(target.tables.map(({ name }) => name));
  const placeOf = (name: string) =>
    tableOf(dryRun && !there.has(name) ? { ...catalog, schema: target.schema } : target, name);
  const pairs = tables.map((name) => ({ from: tableOf(catalog, name), to: placeOf(name) }));
  const level = levelsOf(
    pairs.map(({ to }) => to),
    target.schema,
  );
  const schema = quoteName(target.schema);
  const moved = pairs.map(({ from, to }) => {
    const loops = to.constraints.filter(
      ({ references }) => references?.schema === target.schema && level.get(references.table) === level.get(to.name),
    );
    return { ...movedOf(from, to, schema), absent: !there.has(to.name), loops };
  });
  const levels = [...new Set(level.values())].sort((a, b) => a - b);
  return {
    script,
    source,
    catalog,
    schema,
    levels: levels.map((number) => moved.filter(({ table }) => level.get(table.name) === number)),
  };
}

/** The moved table of this name. Throws a UserError where a checkpoint names one that is not copied any more. */
export function movedNamed({ levels }: Move, name: string): Moved {
  const moved = levels.flat().find(({ table }) => table.name === name);
  if (moved === undefined)
    throw new UserError(`Table ${name} is not among those to copy any more; begin anew with --restart.`);
  return moved;
}

/** How many tables have to be filled before each, along the longest way; tables that need each other have the same number. */
function levelsOf(tables: readonly Table[], schema: string): Map<string, number> {
  const { items, cycles } = orderTables(tables, schema);
  const level = new Map<string, number>();
  const parents = ({ constraints }: Table) =>
    constraints.flatMap(({ references }) => (references?.schema === schema ? [references.table] : []));
  for (const { name } of items) {
    if (level.has(name)) continue;
    const group = cycles.find((members) => members.includes(name)) ?? [name];
    const needed = items.filter((table) => group.includes(table.name)).flatMap(parents);
    const below = needed.filter((parent) => !group.includes(parent)).map((parent) => level.get(parent) ?? -1);
    for (const member of group) level.set(member, Math.max(-1, ...below) + 1);
  }
  return level;
}

function movedOf(from: Table, to: Table, schema: string): Omit<Moved, "loops" | "absent"> {
  const places = new Map(to.columns.map((column) => [column.name, column]));
  const homeless = from.columns.filter(({ name, generated }) => generated === null && !places.has(name));
  if (homeless.length > 0)
    throw new UserError(
      `Table ${to.name} of the target has no column ${homeless.map(({ name }) => name).join(", ")}; add it, or let \`schema\` do so.`,
    );
  const writable = ({ name }: Column) => places.get(name)?.generated === null;
  const columns = from.columns.filter(writable);
  const key = keyOf(from);
  const same = ({ kind, columns: of }: Constraint) =>
    (kind === "primary" || kind === "unique") && of.length === key.length && of.every((name) => key.includes(name));
  const unique = key.length > 0 ? to.constraints.filter(same) : [];
  return {
    table: { ...from, columns },
    key,
    target: `${schema}.${quoteName(to.name)}`,
    keyIsUnique: unique.length > 0,
    keyArbitrates: unique.some(({ definition }) => !/ deferrable( initially deferred)?$/i.test(definition)),
    triggered: to.triggers.some(({ definition }) => /\binsert\b.*\bon\b/i.test(definition)),
    form: formOf(columns, places),
    overriding: columns.some(({ name }) => places.get(name)?.identity === "always"),
  };
}

function tableOf({ tables, schema }: Catalog, name: string): Table {
  const table = tables.find((candidate) => candidate.name === name);
  if (table === undefined) throw new UserError(`There is no table ${name} in schema ${schema}.`);
  return table;
}
