/** The `schema` step: planned by reading only, then done as one transaction. */
import type { Queryable } from "../db/database.ts";
import type { Catalog } from "./catalog-types.ts";
import { makeSchema } from "./ddl/make.ts";
import { createStatements, type SchemaStatements, type Statement } from "./ddl.ts";
import { afterDrops, type Drops, dropExisting, linesOfDrops, planDrops } from "./drop.ts";
import { divideStatements, noteLater } from "./later.ts";
import type { Selection } from "./selection.ts";

export interface SchemaOptions {
  readonly selection: Selection;
  /** Triggers and all functions too. */
  readonly functions?: boolean;
  /** Tables of these names are dropped first. */
  readonly dropExisting?: boolean;
  /** A copy follows: what can wait for the rows does. */
  readonly rowsFollow?: boolean;
  /** The schema that takes the copies of preserved tables. */
  readonly copies: string;
}

export interface SchemaPlan extends SchemaStatements {
  readonly source: Catalog;
  readonly schema: string;
  /** What is made once the rows are there. */
  readonly later: readonly Statement[];
  readonly copies: string;
  readonly drops: Drops | undefined;
}

/** Finds what has to be done. Throws a UserError where `dropExisting` would take something along that stays. */
export async function planSchema(
  db: Queryable,
  source: Catalog,
  target: Catalog,
  options: SchemaOptions,
): Promise<SchemaPlan> {
  const { selection, functions = false, rowsFollow = false, copies } = options;
  const drops = options.dropExisting ? await planDrops(db, source, target, selection) : undefined;
  const left = drops === undefined ? target : afterDrops(target, drops);
  const { statements, leftOut } = createStatements(source, left, { tables: selection.tables, functions });
  const { now, later } = rowsFollow ? divideStatements(statements) : { now: statements, later: [] };
  return { source, schema: target.schema, statements: now, later, leftOut, copies, drops };
}

/** Does it, as part of a transaction: all of it, or nothing. What is left for later is noted as the run's. */
export async function applySchema(tx: Queryable, plan: SchemaPlan, runId: number | null = null): Promise<void> {
  if (plan.drops !== undefined) await dropExisting(tx, plan.schema, plan.drops, plan.copies);
  await makeSchema(tx, plan.schema, plan);
  await noteLater(tx, { ...plan, runId }, plan.later);
}

const KINDS: readonly (readonly [Statement["kind"], string])[] = [
  ["type", "types"],
  ["function", "functions"],
  ["sequence", "sequences"],
  ["table", "tables"],
  ["constraint", "constraints"],
  ["foreign key", "foreign keys"],
  ["index", "indexes"],
  ["trigger", "triggers"],
  ["comment", "comments"],
];

/** What is done, for people: first what goes, then what is made, kind by kind, then what is left out. */
export function linesOfSchema(plan: SchemaPlan): string[] {
  const made = linesOf(plan.statements, "makes");
  return [
    ...(plan.drops === undefined ? [] : linesOfDrops(plan.drops, plan.schema, plan.copies)),
    ...(made.length === 0 ? ["makes nothing: every table is there"] : made),
    ...linesOf(plan.later, "makes, once the rows are there,"),
    ...plan.leftOut.map((line) => `leaves out ${line}`),
  ];
}

const linesOf = (statements: readonly Statement[], verb: string): string[] =>
  KINDS.flatMap(([kind, many]) => {
    const names = [...new Set(statements.filter((one) => one.kind === kind).map(({ name }) => name))];
    return names.length === 0 ? [] : [`${verb} ${names.length} ${many}: ${names.join(", ")}`];
  });

/** The same without names: how much of each kind, and what is left out. */
export function countsOfSchema({ drops, statements, later, schema, copies, leftOut }: SchemaPlan): string[] {
  const all = [...statements, ...later];
  const counts = KINDS.flatMap(([kind, many]) => {
    const { size } = new Set(all.filter((one) => one.kind === kind).map(({ name }) => name));
    return size === 0 ? [] : [`${size} ${many}`];
  });
  return [
    ...(drops === undefined ? [] : linesOfDrops(drops, schema, copies)),
    counts.length === 0 ? "makes nothing: every table is there" : `makes ${counts.join(", ")}`,
    ...leftOut.map((line) => `leaves out ${line}`),
  ];
}
