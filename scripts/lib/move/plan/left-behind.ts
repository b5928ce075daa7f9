/** What a move does not carry, and what a source can't show. */
import type { Catalog } from "../catalog-types.ts";
import type { Selection } from "../selection.ts";

/** One line for each kind of thing that stays behind. */
export function notCarried(catalog: Catalog, { tables }: Selection): string[] {
  const chosen = new Set(tables.map(({ name }) => name));
  const others = catalog.tables.filter(({ name }) => !chosen.has(name)).map(({ name }) => name);
  const secured = tables.filter(({ rowSecurity }) => rowSecurity).map(({ name }) => name);
  const unlogged = tables.filter((table) => table.unlogged).map(({ name }) => name);
  const policies = tables.flatMap(({ name, policies }) => policies.map((policy) => `${policy} on ${name}`));
  const away = tables.flatMap(({ name, constraints }) =>
    constraints
      .filter(
        ({ references }) =>
          references !== undefined && !(references.schema === catalog.schema && chosen.has(references.table)),
      )
      .map((key) => `${key.name} of ${name}`),
  );
  return [
    ...line("tables that were not chosen", others),
    ...line("row-level security of", secured),
    ...line("policies", policies),
    ...line("being unlogged, as what is copied is to survive a crash", unlogged),
    ...line("foreign keys to tables that do not move", away),
    ...line("extensions, unless the target has them", catalog.extensions),
    ...line("roles, and what they were granted", catalog.roles),
    ...(catalog.leftBehind ?? []),
  ];
}

const line = (what: string, names: readonly string[]): string[] =>
  names.length === 0 ? [] : [`${what}: ${names.join(", ")}`];

const NOT_SHOWN_BY_POSTGREST = [
  "precision and scale of numbers, and whether a whole number is smallint or integer",
  "unique, check and exclusion constraints, and what foreign keys do on delete",
  "indexes, triggers, functions, identity, generated columns, collations and comments",
  "sequences, and where they stand",
  "tables and columns that the key's role may not read, and rows that row-level security hides from it",
  "one moment of the database: each page is read at its own",
];

export const notShown = ({ complete }: Catalog): readonly string[] => (complete ? [] : NOT_SHOWN_BY_POSTGREST);
