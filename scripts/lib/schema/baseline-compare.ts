/** Whether what a database has already is what the suite means: by columns, types, labels and definitions. */
import { quoteName } from "../db/quote.ts";
import { extraMisfits, fitsType, isAddable, misfitsOfColumn } from "./baseline-columns.ts";
import type { Column, ForeignKey, Index, Shape } from "./baseline-shape.ts";

/** Every way in which what is there does not fit, each with its mend; empty where all of it can be taken as it is. */
export function misfitsOf(actual: Shape, expected: Shape, filled: ReadonlySet<string>): string[] {
  return [
    ...Object.keys(expected.tables).flatMap((table) => misfitsOfTable(table, actual, expected, filled.has(table))),
    ...Object.entries(expected.views).flatMap(([view, columns]) => misfitsOfView(view, columns, actual)),
    ...Object.entries(expected.enums).flatMap(([name, labels]) => misfitsOfEnum(name, labels, actual)),
    ...Object.entries(expected.indexes).flatMap(([name, index]) => misfitsOfIndex(name, index, actual)),
    ...expected.foreignKeys.flatMap((key) => misfitsOfForeignKey(key, actual)),
    ...Object.keys(expected.functions).flatMap((signature) =>
      actual.functions[signature] === false
        ? [`function ${signature} is not the suite's: rename it, or drop it where nothing uses it`]
        : [],
    ),
  ];
}

function misfitsOfTable(table: string, actual: Shape, expected: Shape, filled: boolean): string[] {
  const name = quoteName(table);
  const found = actual.tables[table];
  if (found === undefined) {
    const kind = kindOf(actual, table);
    if (kind !== undefined) return [`${name} is ${kind}: a table is needed`];
    // The other tables are made; the CRM's own come all together, or not at all.
    return isOfCrm(table) && hasCrm(actual) ? [`table ${name} is missing, though others of the CRM are there`] : [];
  }
  const columns = expected.tables[table] ?? {};
  const key = expected.primaryKeys[table] ?? [];
  const foundKey = actual.primaryKeys[table] ?? [];
  return [
    ...(sameList([...key].sort(), [...foundKey].sort())
      ? []
      : [
          `${name} has ${foundKey.length === 0 ? "no primary key" : `the primary key (${foundKey.join(", ")})`}: (${key.join(", ")}) is needed`,
        ]),
    ...Object.entries(columns).flatMap(([column, wanted]) => {
      const place = `${name}.${column}`;
      const has = found[column];
      if (has !== undefined) return misfitsOfColumn(table, column, has, wanted);
      if (key.includes(column)) return [`${place} is missing: ${wanted.type} is needed`];
      if (!filled || isAddable(column, wanted)) return [];
      return [`${place} is missing: it can't be made up for the rows that are there (${wanted.type} not null)`];
    }),
    ...extraMisfits(table, found, columns),
  ];
}

function misfitsOfView(view: string, columns: Readonly<Record<string, Column>>, actual: Shape): string[] {
  const found = actual.views[view];
  if (found === undefined) {
    const kind = kindOf(actual, view);
    return kind === undefined ? [] : [`${quoteName(view)} is ${kind}: a view is needed`];
  }
  return Object.entries(columns)
    .filter(([column, wanted]) => found[column] === undefined || !fitsType(view, found[column].type, wanted.type))
    .map(
      ([column, wanted]) =>
        `view ${quoteName(view)}.${column} is ${found[column]?.type ?? "missing"}: ${wanted.type} is needed`,
    );
}

function misfitsOfEnum(name: string, labels: readonly string[], actual: Shape): string[] {
  const found = actual.enums[name];
  if (found === undefined) {
    const kind = kindOf(actual, name);
    if (kind !== undefined) return [`${quoteName(name)} is ${kind}: an enum type is needed`];
    return isOfCrm(name) && hasCrm(actual) ? [`enum type ${quoteName(name)} is missing`] : [];
  }
  return labels
    .filter((label) => !found.includes(label))
    .map((label) => `enum type ${quoteName(name)} lacks a label: alter type ${quoteName(name)} add value '${label}'`);
}

function misfitsOfIndex(name: string, wanted: Index, actual: Shape): string[] {
  const has = actual.indexes[name];
  const rename = "rename it";
  if (has !== undefined)
    return definitionOf(has) === definitionOf(wanted)
      ? []
      : [`index ${quoteName(name)} is ${definitionOf(has)}; ${definitionOf(wanted)} is needed: ${rename}`];
  const kind = kindOf(actual, name);
  return kind === undefined ? [] : [`${quoteName(name)} is ${kind}, and an index has this name: ${rename}`];
}

const definitionOf = ({ unique, table, method, keys, where }: Index): string =>
  `${unique ? "unique " : ""}${method} on ${quoteName(table)} (${keys.join(", ")})${where === undefined ? "" : ` where ${where}`}`;

/** An equal one may have any name; the name must not stand for another. */
function misfitsOfForeignKey(wanted: ForeignKey, actual: Shape): string[] {
  if (findForeignKey(actual, wanted) !== undefined) return [];
  const other = actual.foreignKeys.find(({ table, name }) => table === wanted.table && name === wanted.name);
  if (other === undefined) return [];
  return [
    `constraint ${quoteName(other.name)} leads from (${other.columns.join(", ")}) to ${quoteName(other.parent)}: rename it`,
  ];
}

export const findForeignKey = (shape: Shape, wanted: ForeignKey): ForeignKey | undefined =>
  shape.foreignKeys.find(
    ({ table, parent, columns }) =>
      table === wanted.table && parent === wanted.parent && sameList(columns, wanted.columns),
  );

/** What the first folder makes. */
const OF_CRM = ["Lead", "Job", "Audit", "Channel"];
const isOfCrm = (name: string): boolean => OF_CRM.includes(name);

/** Whether a CRM was here first, or a part of one. */
export const hasCrm = (actual: Shape): boolean =>
  OF_CRM.some((name) => actual.tables[name] !== undefined || actual.enums[name] !== undefined || kindOf(actual, name));

/** What has taken a name. */
function kindOf({ tables, views, indexes, others }: Shape, name: string): string | undefined {
  if (tables[name] !== undefined) return "a table";
  if (views[name] !== undefined) return "a view";
  if (indexes[name] !== undefined) return "an index";
  return others[name];
}

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);
