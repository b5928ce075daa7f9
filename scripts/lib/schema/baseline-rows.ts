/** What the rows that are there would break: each question is asked of tables and columns that are already known to fit. */
import type { Queryable } from "../db/database.ts";
import { quoteName } from "../db/quote.ts";
import { fitsType, ONLY_READ } from "./baseline-columns.ts";
import { findForeignKey } from "./baseline-compare.ts";
import type { Shape } from "./baseline-shape.ts";

/** Those of the tables that hold rows. */
export async function readFilled(db: Queryable, actual: Shape, expected: Shape): Promise<Set<string>> {
  const filled = new Set<string>();
  for (const table of Object.keys(expected.tables)) {
    if (actual.tables[table] === undefined) continue;
    const { rows } = await db.query(`select 1 from ${quoteName(table)} limit 1`);
    if (rows.length > 0) filled.add(table);
  }
  return filled;
}

/** Rows that the constraints to come would refuse, one line for each constraint. Looks only at tables that hold rows. */
export async function misfitsOfRows(
  db: Queryable,
  actual: Shape,
  expected: Shape,
  filled: ReadonlySet<string>,
): Promise<string[]> {
  const misfits: string[] = [];
  for (const question of questionsOf(actual, expected)) {
    if (
      !filled.has(question.table) ||
      !question.needs.every((column) => fits(actual, expected, question.table, column))
    )
      continue;
    const { rows } = await db.query<{ found: string }>(question.sql);
    const found = Number(rows[0]?.found ?? 0);
    if (found > 0) misfits.push(question.complain(found));
  }
  return misfits;
}

interface Question {
  readonly table: string;
  readonly needs: readonly string[];
  /** Counts, as `found`. */
  readonly sql: string;
  readonly complain: (found: number) => string;
}

const questionsOf = (actual: Shape, expected: Shape): Question[] => [
  ...emptyValues(actual, expected),
  ...duplicates(actual, expected),
  ...orphans(actual, expected),
  sharedAuditIds,
];

const fits = (actual: Shape, expected: Shape, table: string, column: string): boolean => {
  const has = actual.tables[table]?.[column];
  const wanted = expected.tables[table]?.[column];
  return has !== undefined && wanted !== undefined && fitsType(table, has.type, wanted.type);
};

/** Of the tables that are only read: a conversation takes these from its lead. */
const COUNTED_ON = new Set(["Lead.channel", "Lead.created_at"]);

/** A column that may be empty where the suite counts on a value: a page of audits would pass over a row without created_at. */
const emptyValues = (actual: Shape, expected: Shape): Question[] =>
  Object.entries(expected.tables).flatMap(([table, columns]) =>
    Object.entries(columns)
      .filter(([column, wanted]) => !wanted.nullable && actual.tables[table]?.[column]?.nullable)
      .filter(([column]) => !ONLY_READ.has(table) || COUNTED_ON.has(`${table}.${column}`))
      .map(([column]) => ({
        table,
        needs: [column],
        sql: `select count(*) as found from ${quoteName(table)} where ${quoteName(column)} is null`,
        complain: (found) => `${quoteName(table)}.${column} is empty in ${rowsOf(found)}: a value is needed`,
      })),
  );

const duplicates = (actual: Shape, expected: Shape): Question[] =>
  Object.entries(expected.indexes)
    .filter(([name, index]) => index.unique && actual.indexes[name]?.valid !== true)
    .map(([name, { table, keys, where }]) => ({
      table,
      needs: keys,
      sql: `select count(*) as found
              from (select 1
                      from ${quoteName(table)}
                     where ${where ?? "true"}
                     group by ${keys.join(", ")}
                    having count(*) > 1) repeated`,
      complain: (found) =>
        `${quoteName(table)} holds values of (${keys.join(", ")}) more than once (${found}): ${name} refuses that`,
    }));

const orphans = (actual: Shape, expected: Shape): Question[] =>
  expected.foreignKeys
    .filter((key) => findForeignKey(actual, key)?.valid !== true)
    .filter(({ parent }) => actual.tables[parent] === undefined || fits(actual, expected, parent, "id"))
    .map(({ table, parent, columns }) => {
      const column = quoteName(columns[0] ?? "");
      const known = actual.tables[parent] !== undefined;
      const orphaned = known
        ? `and not exists (select from ${quoteName(parent)} parent where parent.id = child.${column})`
        : "";
      return {
        table,
        needs: columns,
        sql: `select count(*) as found from ${quoteName(table)} child where child.${column} is not null ${orphaned}`,
        complain: (found) =>
          `${quoteName(table)}.${columns[0]} leads nowhere in ${rowsOf(found)}: no such row in ${quoteName(parent)}`,
      };
    });

/** Batch 4 makes one message of an audit, and the database holds it to that. */
const sharedAuditIds: Question = {
  table: "Message",
  needs: ["metadata"],
  sql: `select count(*) as found
          from (select 1
                  from "Message"
                 where metadata ->> 'auditId' is not null
                 group by metadata ->> 'auditId'
                having count(*) > 1) repeated`,
  complain: (found) =>
    `"Message" holds more than one message of the same metadata.auditId (${found}): keep one of each`,
};

const rowsOf = (count: number): string => `${count} row${count === 1 ? "" : "s"}`;
