/** What tables can't be made without. */
import { quoteName } from "../../db/quote.ts";
import type { Catalog, Column, NamedType, Sequence, Table } from "../catalog-types.ts";

/** The types of the columns, and what those are made of; all of them where all tables are meant. */
export function neededTypes(source: Catalog, tables: readonly Table[]): NamedType[] {
  if (tables.length === source.tables.length) return [...source.types];
  const needed = new Set<string>();
  const add = (name: string) => {
    if (needed.has(name)) return;
    needed.add(name);
    for (const part of source.types.find((type) => type.name === name)?.needs ?? []) add(part);
  };
  for (const { columns } of tables)
    for (const type of source.types) if (columns.some((column) => isOfType(column, type))) add(type.name);
  return source.types.filter(({ name }) => needed.has(name));
}

/** A name stands in quotes where it is not a plain word; a range's multirange has a name of its own. */
const isOfType = ({ type }: Column, { name, definition }: NamedType): boolean => {
  const element = type.replace(/(\[\])+$/, "");
  return element === name || element === quoteName(name) || definition.endsWith(`multirange_type_name = ${element})`);
};

/** Those that serve a column but are not its identity's, and those that nobody owns and a default draws from. */
export function neededSequences(source: Catalog, tables: readonly Table[]): Sequence[] {
  const all = tables.length === source.tables.length;
  const defaults = tables.flatMap(({ columns }) => columns.flatMap((column) => column.default ?? []));
  return source.sequences.filter(({ name, ownedBy }) => {
    if (ownedBy === null) return all || defaults.some((text) => text.includes("nextval(") && text.includes(name));
    const owner = tables.find((table) => table.name === ownedBy.table);
    return owner?.columns.some((column) => column.name === ownedBy.column && column.identity === null) === true;
  });
}
