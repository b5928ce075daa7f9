/** The `schema` step: planned by reading only, then done as one transaction. */
import type { Queryable } from "../db/database.ts";
import type { Catalog } from "./catalog-types.ts";
import { makeSchema } from "./ddl/make.ts";
import { createStatements, type SchemaStatements, type Statement } from "./ddl.ts";
import { afterDrops, type Drops, dropExisting, linesOfDrops, planDrops } from "./drop.ts";
import type { Selection } from "./selection.ts";

export interface SchemaOptions {
  readonly selection: Selection;
  /** Triggers and all functions too. */
  readonly functions?: boolean;
  /** Tables of these names are dropped first. */
  readonly dropExisting?: boolean;
  /** The schema that takes the copies of preserved tables. */
  readonly copies: string;
}

export interface SchemaPlan extends SchemaStatements {
  readonly schema: string;
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
  const { selection, functions = false, copies } = options;
  const drops = options.dropExisting ? await planDrops(db, source, target, selection) : undefined;
  const left = drops === undefined ? target : afterDrops(target, drops);
  const made = createStatements(source, left, { tables: selection.tables, functions });
  return { ...made, schema: target.schema, copies, drops };
}

/** Does it, as part of a transaction: all of it, or nothing. */
export async function applySchema(tx: Queryable, plan: SchemaPlan): Promise<void> {
  if (plan.drops !== undefined) await dropExisting(tx, plan.schema, plan.drops, plan.copies);
  await makeSchema(tx, plan.schema, plan);
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
  const made = KINDS.flatMap(([kind, many]) => {
    const names = [...new Set(plan.statements.filter((one) => one.kind === kind).map(({ name }) => name))];
    return names.length === 0 ? [] : [`makes ${names.length} ${many}: ${names.join(", ")}`];
  });
  return [
    ...(plan.drops === undefined ? [] : linesOfDrops(plan.drops, plan.schema, plan.copies)),
    ...(made.length === 0 ? ["makes nothing: every table is there"] : made),
    ...plan.leftOut.map((line) => `leaves out ${line}`),
  ];
}
