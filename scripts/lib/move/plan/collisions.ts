/** What stands in a move's way: each would lose data, mix it with the suite's own, or make it fail later. */
import { keyOf, type Table } from "../catalog-types.ts";
import { ownTables } from "../own-tables.ts";
import type { Survey } from "./plan-types.ts";
import { unknownTypes } from "./unknown-types.ts";

/** One line each, with the mend in it. */
export async function collisionsOf(survey: Survey): Promise<string[]> {
  const { catalog, db, target, selection } = survey;
  const { tables } = selection;
  const own = await ownTables(db, target.schema);
  const made = tables.filter(({ name }) => target.tables.every((there) => there.name !== name));
  return [
    ...tables
      .filter(({ name }) => own.has(name))
      .map(
        ({ name }) =>
          `${name} in schema ${target.schema} of the target is the suite's own: choose another --target-schema`,
      ),
    ...unmakeable(survey, made),
    ...shownTwice(tables),
    ...tables.flatMap(keyedByRows),
    ...(catalog.complete ? await unknownTypes(db, catalog, made) : []),
  ];
}

/** What only shows its tables can't say how to make them, nor which of them are views. */
const unmakeable = ({ catalog, schemaFile = false }: Survey, made: readonly Table[]): string[] =>
  catalog.complete || schemaFile || made.length === 0
    ? []
    : [
        `not in the target, and the source can't show how to make them: ${made.map(({ name }) => name).join(", ")}; give --schema-file, and leave out with --tables what is a view`,
      ];

/** PostgreSQL reads no row's text without being told its type, which a page's ends are not. */
const keyedByRows = (table: Table): string[] =>
  table.columns
    .filter(({ name, kind, isArray }) => kind === "composite" && !isArray && keyOf(table).includes(name))
    .map(
      ({ name, type }) =>
        `${table.name} has a key of the composite type ${type} (${name}), which no page can be cut by: leave it out`,
    );

/** Both may not move: such rows would be read twice. */
const shownTwice = (tables: readonly Table[]): string[] =>
  tables.flatMap(({ name, heirs = [] }) =>
    heirs
      .filter((heir) => tables.some((table) => table.name === heir))
      .map((heir) => `${name} shows the rows of ${heir}, which inherits from it, as its own: leave one of them out`),
  );
