/** Databases to be moved: the salon, and one with everything that is unusual. */

import type { Queryable } from "../../scripts/lib/db/database.ts";
import { runIn } from "../../scripts/lib/demo/salon.ts";
import { readSql } from "../../scripts/lib/sql-file.ts";

export { makePreserved, makeSalon, PRESERVED_ROWS, runIn, SALON_ROWS } from "../../scripts/lib/demo/salon.ts";

const read = (name: string): string => readSql(new URL(`odd/${name}.sql`, import.meta.url));

/** How many rows each odd table holds. */
export const ODD_ROWS = {
  'Quoted "Names"': 24,
  bytea_keys: 9,
  c_text_keys: 36,
  chickens: 20,
  date_keys: 5,
  eggs: 20,
  employees: 40,
  enum_keys: 4,
  "every type": 6,
  no_key: 4,
  no_key_but_unique: 10,
  nothing_in_it: 0,
  numeric_keys: 9,
  stays: 30,
  text_keys: 36,
  three_keys: 160,
  time_keys: 8,
  turned_keys: 70,
  uuid_keys: 500,
} as const;

/** Makes the odd tables in a schema, which it makes too where it is missing, and fills them. */
export async function makeOdd(db: Queryable, schema = "public", { rows = true } = {}): Promise<void> {
  await runIn(db, schema, read("tables"));
  if (rows) await runIn(db, schema, read("rows"));
}
