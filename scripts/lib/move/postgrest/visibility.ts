/**
 * Whether the key's role sees every row. PostgREST never says so: with a key that row-level security binds, rows and counts are
 * short alike. What can be had is the database's own plan, where `db-plan-enabled` is on; references to rows that are not shown,
 * which a foreign key rules out; and what the role is known for.
 */
import { type Catalog, keyOf, type Table } from "../catalog-types.ts";
import type { Client } from "./client.ts";
import { amongKeys, keysIn, nameIn, selectionOf } from "./query.ts";

/** References that are looked up for each foreign key. */
const SAMPLE_ROWS = 100;

export interface Visibility {
  /** "filtered": rows are known to be hidden. "all": none is. "presumed": the role is known to see all, and nothing speaks against it. */
  readonly rows: "all" | "filtered" | "presumed" | "unknown";
  /** One line each: what was seen, and what can't be known. */
  readonly why: readonly string[];
}

/** Looks at the tables that are to be moved. */
export async function lookForFilter(client: Client, catalog: Pick<Catalog, "tables">): Promise<Visibility> {
  const plans = await Promise.all(catalog.tables.map((table) => filterOf(client, table)));
  const filtered = catalog.tables.flatMap(({ name }, index) => {
    const filter = plans[index]?.filter;
    return filter === undefined ? [] : [`${name} is read through a filter: ${filter}`];
  });
  const missing = (await Promise.all(catalog.tables.map((table) => hiddenParents(client, catalog, table)))).flat();
  if (filtered.length + missing.length > 0) return { rows: "filtered", why: [...filtered, ...missing] };
  if (plans.every(({ shown }) => shown))
    return { rows: "all", why: ["the database's plans read every table without a filter"] };
  const unseen = "PostgREST does not show its plans, so a filter by row-level security can't be ruled out";
  const { role, unbound } = client.key;
  if (unbound)
    return { rows: "presumed", why: [`row-level security does not bind the role ${role} at Supabase`, unseen] };
  return { rows: "unknown", why: [`nothing is known of the role ${role ?? "of the key"}`, unseen] };
}

/** What stands between the role and the rows, from the plan of reading one. */
async function filterOf(client: Client, table: Table): Promise<{ shown: boolean; filter?: string }> {
  const plan = await client.plan(table.name, nameIn(table.columns[0]?.name ?? "*"));
  if (plan === undefined) return { shown: false };
  const filter = filterIn(plan);
  return { shown: true, ...(filter === undefined ? {} : { filter }) };
}

/** Nothing was asked for that would need a condition: any that the plan has is somebody else's. */
function filterIn(plan: unknown): string | undefined {
  if (typeof plan !== "object" || plan === null) return undefined;
  for (const [name, value] of Object.entries(plan)) {
    if (/^(One-Time )?Filter$|^(Index|Recheck) Cond$/.test(name)) return String(value);
    const inner = filterIn(value);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** A foreign key promises that its rows are there: those that are not shown are hidden. */
async function hiddenParents(client: Client, { tables }: Pick<Catalog, "tables">, table: Table): Promise<string[]> {
  if (keyOf(table).length === 0) return [];
  const lines: string[] = [];
  for (const { columns, references } of table.constraints) {
    const parent = tables.find(({ name }) => name === references?.table);
    const [column, ...others] = columns;
    const [key] = references?.columns ?? [];
    if (parent === undefined || column === undefined || key === undefined || others.length > 0) continue;
    const wanted = await sample(client, table, column);
    if (wanted.length === 0) continue;
    const where = [
      amongKeys(
        [key],
        wanted.map((value) => [value]),
      ),
    ];
    const { total } = await client.rows(parent.name, { select: nameIn(key), where, limit: 1, count: "exact" });
    const hidden = wanted.length - (total ?? 0);
    if (hidden > 0)
      lines.push(
        `${table.name}.${column} refers to ${hidden} of ${wanted.length} rows of ${parent.name} that are not shown`,
      );
  }
  return lines;
}

/** Different values of a column, as text, from the end of the table. */
async function sample(client: Client, table: Table, column: string): Promise<string[]> {
  const { order } = selectionOf(table, [], "desc");
  const { text } = await client.rows(table.name, {
    select: `${nameIn(column)}::text`,
    where: [`${nameIn(column)}.not.is.null`],
    order,
    limit: SAMPLE_ROWS,
  });
  return [...new Set((keysIn(text) ?? []).flat())];
}
