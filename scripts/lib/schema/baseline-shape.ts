/** What a database's schema looks like: enough of its catalog to tell whether a table is the one that the suite means. */
import { readFileSync } from "node:fs";
import type { Queryable } from "../db/database.ts";

export interface Column {
  /** As `format_type` writes it. */
  readonly type: string;
  readonly nullable: boolean;
  /** The default's expression; "generated" where the database makes the value in another way. */
  readonly default?: string;
}

export interface Index {
  readonly table: string;
  readonly unique: boolean;
  readonly method: string;
  readonly keys: readonly string[];
  readonly where?: string;
  readonly valid: boolean;
}

export interface ForeignKey {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly parent: string;
  readonly onDelete: string;
  readonly valid: boolean;
}

export interface Shape {
  /** Tables, with their columns in the order of their names. */
  readonly tables: Readonly<Record<string, Readonly<Record<string, Column>>>>;
  readonly primaryKeys: Readonly<Record<string, readonly string[]>>;
  readonly views: Readonly<Record<string, Readonly<Record<string, Column>>>>;
  /** Labels by enum type. */
  readonly enums: Readonly<Record<string, readonly string[]>>;
  readonly indexes: Readonly<Record<string, Index>>;
  readonly foreignKeys: readonly ForeignKey[];
  /** Whether it is the suite's own, by signature. */
  readonly functions: Readonly<Record<string, boolean>>;
  /** Names that something else than a table, a view, an index or an enum type has taken, and what that is. */
  readonly others: Readonly<Record<string, string>>;
}

/** What batch 1 makes on an empty database, read back from one: `npm test -- create-schema` holds it equal. */
export const expectedShape = (): Shape =>
  JSON.parse(readFileSync(new URL("./baseline-expected.json", import.meta.url), "utf8")) as Shape;

/** The mark that `migration.sql` and the script put on what they made and did not find. */
export const MADE = "crm-migrations: made by 20251107_create_schema";

/** Reads the catalog of the schema that the connection stands in; needs no right on any table. */
export async function readShape(db: Queryable): Promise<Shape> {
  const { rows } = await db.query<{ shape: Shape }>(SHAPE, [`${MADE}%`]);
  const [row] = rows;
  if (row === undefined) throw new TypeError("The catalog gave no answer.");
  return row.shape;
}

const SHAPE = readFileSync(new URL("./baseline-shape.sql", import.meta.url), "utf8");
