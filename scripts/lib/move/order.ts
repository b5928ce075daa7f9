/** In which order things come that need each other: tables by their foreign keys, types by what they are made of. */
import type { Table } from "./catalog-types.ts";

export interface Ordered<Item> {
  /** Each behind those that it needs, as far as that can be. */
  readonly items: readonly Item[];
  /** Groups of items that need each other, by name, each in the order of `items`. One that only needs itself is none. */
  readonly cycles: readonly (readonly string[])[];
}

interface Visit {
  readonly number: number;
  lowest: number;
  open: boolean;
}

/**
 * Puts items behind those that they need; what is needed and not among them does not count. Otherwise the given order stays.
 * Groups that need each other are found as strongly connected components, by Tarjan's algorithm.
 */
export function inOrder<Item>(
  given: readonly Item[],
  nameOf: (item: Item) => string,
  needsOf: (item: Item) => readonly string[],
): Ordered<Item> {
  const byName = new Map(given.map((item) => [nameOf(item), item]));
  const visits = new Map<string, Visit>();
  const stack: string[] = [];
  const items: Item[] = [];
  const cycles: string[][] = [];
  const close = (name: string) => {
    const group = stack.splice(stack.indexOf(name));
    for (const member of group) (visits.get(member) as Visit).open = false;
    // In the order in which they were given: within a group none is better than another.
    const members = given.filter((item) => group.includes(nameOf(item)));
    items.push(...members);
    if (members.length > 1) cycles.push(members.map(nameOf));
  };
  const visit = (name: string, item: Item): Visit => {
    const own: Visit = { number: visits.size, lowest: visits.size, open: true };
    visits.set(name, own);
    stack.push(name);
    for (const needed of needsOf(item)) {
      const other = byName.get(needed);
      if (other === undefined) continue;
      const seen = visits.get(needed) ?? visit(needed, other);
      if (seen.open) own.lowest = Math.min(own.lowest, seen.lowest);
    }
    if (own.lowest === own.number) close(name);
    return own;
  };
  for (const [name, item] of byName) if (!visits.has(name)) visit(name, item);
  return { items, cycles };
}

/** The tables of a schema that a table's foreign keys lead to; itself too, where one leads back. */
export const parentsOf = (table: Table, schema: string): readonly string[] => [
  ...new Set(
    table.constraints.flatMap(({ references }) => (references?.schema === schema ? [references.table] : [])).sort(),
  ),
];

/** Tables behind those that their foreign keys lead to. */
export const orderTables = (tables: readonly Table[], schema: string): Ordered<Table> =>
  inOrder(
    tables,
    ({ name }) => name,
    (table) => parentsOf(table, schema),
  );
