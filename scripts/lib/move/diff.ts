/** How the tables that a target has already differ from the source's, column by column, and what that means for the rows. */
import { type Catalog, type Column, keyOf, type NamedType, type Table } from "./catalog-types.ts";
import type { Difference, Finding } from "./diff/difference.ts";
import { compareParts } from "./diff/parts.ts";
import { compareColumns } from "./diff/types.ts";

export type * from "./diff/difference.ts";

/** The differences of those of the tables that the target has; `schema` makes the others. */
export function diffTables(source: Catalog, target: Catalog, tables: readonly Table[]): Difference[] {
  return tables.flatMap((table) => {
    const there = target.tables.find(({ name }) => name === table.name);
    return there === undefined ? [] : diffTable(table, there, { source, target });
  });
}

interface Sides {
  readonly source: Catalog;
  readonly target: Catalog;
}

function diffTable(table: Table, there: Table, sides: Sides): Difference[] {
  const about = (column: string | null, findings: readonly Finding[]): Difference[] =>
    findings.map(([effect, what]) => ({ table: table.name, column, effect, what }));
  const known = new Set(table.columns.map(({ name }) => name));
  return [
    ...table.columns.flatMap((column) => {
      const other = there.columns.find(({ name }) => name === column.name);
      return about(column.name, other === undefined ? [missingColumn] : diffColumn(column, other, sides));
    }),
    ...there.columns
      .filter(({ name }) => !known.has(name))
      .flatMap((column) => about(column.name, [extraColumn(column, sides.source.complete)])),
    ...about(null, diffKey(table, there)),
    ...(sides.source.complete ? about(null, compareParts(table, there)) : []),
  ];
}

const missingColumn: Finding = ["loses", "the target has no such column"];

/** A source that shows only a part may have the column, and not let its role see it. */
function extraColumn({ notNull, default: preset, identity, generated }: Column, complete: boolean): Finding {
  if (generated !== null) return ["differs", "generated in the target only"];
  const filled = !notNull || preset !== null || identity !== null;
  const where = complete ? "in the target only" : "in the target only, as far as the source shows";
  return filled
    ? ["differs", `${where}: filled with its default`]
    : ["loses", `${where}, not null and without a default`];
}

function diffColumn(column: Column, other: Column, { source, target }: Sides): Finding[] {
  const findings: Finding[] = [];
  if (other.generated !== null && column.generated === null)
    // A source that shows only a part may generate them too.
    findings.push([
      source.complete ? "loses" : "differs",
      "generated in the target: the source's values are not stored",
    ]);
  else if (other.generated === null && column.generated !== null)
    findings.push(["differs", "generated at the source only"]);
  else if (other.generated !== column.generated)
    findings.push(["loses", `generated as (${other.generated}), at the source as (${column.generated})`]);
  const type = compareColumns(column, other, { source, target });
  if (type !== undefined) findings.push([type, `${other.type} in the target, ${column.type} at the source`]);
  else findings.push(...diffNamedType(column, source.types, target.types));
  if (other.notNull && !column.notNull)
    findings.push(["refuses", "not null in the target, null allowed at the source"]);
  if (!other.notNull && column.notNull)
    findings.push(["differs", "null allowed in the target, not null at the source"]);
  if (!source.complete) return findings;
  if (other.identity !== column.identity)
    findings.push([
      "differs",
      `identity ${other.identity ?? "none"} in the target, ${column.identity ?? "none"} at the source`,
    ]);
  if (other.default !== column.default)
    findings.push([
      "differs",
      `default ${other.default ?? "none"} in the target, ${column.default ?? "none"} at the source`,
    ]);
  if ((other.collation ?? null) !== (column.collation ?? null))
    findings.push([
      "differs",
      `collation ${other.collation ?? "as usual"} in the target, ${column.collation ?? "as usual"} at the source`,
    ]);
  return findings;
}

/** Two types of one name may still be two. */
function diffNamedType({ type, kind }: Column, ours: readonly NamedType[], theirs: readonly NamedType[]): Finding[] {
  const name = type
    .replace(/(\[\])+$/, "")
    .replace(/^"(.*)"$/, "$1")
    .replaceAll('""', '"');
  const own = ours.find((other) => other.name === name)?.definition;
  const other = theirs.find((one) => one.name === name)?.definition;
  if (own === undefined || other === undefined || own === other) return [];
  if (kind !== "enum")
    return [[kind === "domain" ? "refuses" : "loses", `type ${name} is ${other}, at the source ${own}`]];
  const lacking = labelsOf(own).filter((label) => !labelsOf(other).includes(label));
  if (lacking.length > 0) return [["loses", `enum ${name} lacks ${lacking.join(", ")}`]];
  return [["differs", `enum ${name} has other labels too, or another order`]];
}

const labelsOf = (definition: string): string[] => definition.match(/'(?:[^']|'')*'/g) ?? [];

/** Without a rule that the source's key is unique, rows that are there could not be told from new ones. */
function diffKey(table: Table, there: Table): Finding[] {
  const key = keyOf(table);
  if (key.length === 0)
    return [["differs", "the source has no primary key: it moves in one page, and sync only adds rows to it"]];
  const sorted = [...key].sort().join();
  const unique = there.constraints.filter(({ kind }) => kind === "primary" || kind === "unique");
  if (unique.some(({ columns }) => [...columns].sort().join() === sorted)) return [];
  const keysOf = (definition: string) => / USING btree \(([^()]*)\)$/.exec(definition)?.[1]?.replaceAll('"', "") ?? "";
  if (there.indexes.some((index) => index.unique && keysOf(index.definition).split(", ").sort().join() === sorted))
    return [];
  return [["loses", `nothing in the target keeps the source's key (${key.join(", ")}) unique`]];
}
