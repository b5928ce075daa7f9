import type { Queryable } from "../../db/database.ts";
import { quoteName } from "../../db/quote.ts";
import type { Constraint, Table } from "../catalog-types.ts";
import type { Pair, Parties } from "./sides.ts";
import type { Findings } from "./verdict.ts";

const LISTED_KEYS = 3;

type Reference = Required<Pick<Constraint, "columns" | "references">>;

/** Looks for rows of the target without the row that they refer to, by the foreign keys of either side. */
export async function findOrphans(
  tx: Queryable,
  { schema, sourceSchema }: Pick<Parties, "schema" | "sourceSchema">,
  pair: Pair,
): Promise<Findings> {
  const problems: string[] = [];
  const information: string[] = [];
  for (const { columns, references } of referencesOf(pair)) {
    const parent = { ...references, schema: references.schema === sourceSchema ? schema : references.schema };
    const name = `${columns.join(", ")} → ${parent.schema}.${parent.table}`;
    if (!(await isThere(tx, parent))) {
      information.push(`${name}: that table is not there, so nothing is referred to`);
      continue;
    }
    const { count, keys } = await countOrphans(tx, { schema, table: pair.target.name, columns, parent });
    if (count > 0) problems.push(`${count} rows refer by ${name} to what is not there: ${keys.join("; ")}`);
  }
  return { problems, information };
}

/** Of both sides: a foreign key that was not made in the target is no less true. */
function referencesOf({ source, target }: Pair): Reference[] {
  const there = new Set(target.columns.map(({ name }) => name));
  const found = new Map<string, Reference>();
  for (const { columns, references } of [...source.constraints, ...target.constraints].filter(isForeign))
    if (columns.every((column) => there.has(column)))
      found.set(JSON.stringify([columns, references.table, references.columns]), { columns, references });
  return [...found.values()];
}

const isForeign = (constraint: Table["constraints"][number]): constraint is Constraint & Reference =>
  constraint.kind === "foreign" && constraint.references !== undefined;

async function isThere(tx: Queryable, { schema, table }: Reference["references"]): Promise<boolean> {
  const { rows } = await tx.query("select where to_regclass($1) is not null", [
    `${quoteName(schema)}.${quoteName(table)}`,
  ]);
  return rows.length > 0;
}

interface Referring {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly parent: Reference["references"];
}

/** How many rows refer to what is not there, and by what, of the first of them. One in which a column is null refers to nothing. */
export async function countOrphans(
  tx: Queryable,
  { schema, table, columns, parent }: Referring,
): Promise<{ count: number; keys: readonly string[] }> {
  const names = columns.map((column) => `child.${quoteName(column)}`);
  const { rows } = await tx.query<{ count: string; key: string }>(
    `select count(*) over () as count, row(${names})::text as key
       from ${quoteName(schema)}.${quoteName(table)} child
      where ${names.map((name) => `${name} is not null`).join(" and ")}
        and not exists (select
                          from ${quoteName(parent.schema)}.${quoteName(parent.table)} parent
                         where ${parent.columns.map((column, index) => `parent.${quoteName(column)} = ${names[index]}`).join(" and ")})
      limit ${LISTED_KEYS}`,
  );
  return { count: Number(rows[0]?.count ?? 0), keys: rows.map(({ key }) => key) };
}
