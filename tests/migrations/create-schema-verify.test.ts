import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { runChecks } from "../../scripts/lib/checks.ts";
import { withDatabase } from "../../scripts/lib/db/database.ts";
import { expectedShape } from "../../scripts/lib/schema/baseline-shape.ts";
import { runSqlScript } from "../../scripts/lib/sql-script.ts";
import { useDatabase } from "../helpers/database.ts";

const db = useDatabase();
const FOLDERS = ["20251101_create_crm", "20251107_create_schema", "20251108_add_fts_indexes"];
const pathOf = (folder: string) => new URL(`../../prisma/migrations/${folder}/verify.sql`, import.meta.url).pathname;

const failedChecks = (folder: string) =>
  withDatabase(db.address, { readOnly: true }, async (database) =>
    (await runChecks(database, pathOf(folder))).filter(({ failed }) => failed),
  );

test.each(FOLDERS)("%s: all checks hold right after the batch, from Node as from psql", async (folder) => {
  expect(await failedChecks(folder)).toEqual([]);
  await runSqlScript(db.address, pathOf(folder));
});

const DROPPED = `drop function crm_lead_key(text, text, text, uuid) cascade`;
const FAILURES: [folder: string, sql: string, check: string, row: object][] = [
  [FOLDERS[0] ?? "", `drop table "Job"`, "the CRM's tables are there", { table_name: "Job", found: "missing" }],
  [
    FOLDERS[0] ?? "",
    `alter table "Audit" drop constraint "Audit_pkey"`,
    "the CRM's tables",
    { found: "no primary key" },
  ],
  [FOLDERS[1] ?? "", `drop table "MemoryNote"`, "tables and columns", { table_name: "MemoryNote", found: null }],
  [
    FOLDERS[1] ?? "",
    `alter table stores drop column chat_cursor`,
    "tables and columns",
    { column_name: "chat_cursor" },
  ],
  [
    FOLDERS[1] ?? "",
    `alter table sync_logs alter column id type bigint`,
    "tables and columns",
    { data_type: "integer", found: "bigint" },
  ],
  [
    FOLDERS[1] ?? "",
    `alter table "Customer" alter column created_at type timestamp`,
    "tables and columns",
    { found: "timestamp without time zone" },
  ],
  [FOLDERS[1] ?? "", `alter type "MessageRole" rename value 'tool' to 'function'`, "enum types", { label: "tool" }],
  [FOLDERS[1] ?? "", `drop index "Audit_lead_id_created_at_id_idx"`, "indexes", { found: "missing" }],
  [
    FOLDERS[1] ?? "",
    `update pg_index set indisvalid = false where indexrelid = '"Lead_customer_id_idx"'::regclass`,
    "indexes",
    { index_name: "Lead_customer_id_idx" },
  ],
  [
    FOLDERS[1] ?? "",
    `alter table "Message" drop constraint "Message_booking_id_fkey"`,
    "foreign keys",
    { column_name: "booking_id", found: "missing" },
  ],
  [
    FOLDERS[1] ?? "",
    `alter table "Message" drop constraint "Message_booking_id_fkey", add constraint again foreign key (booking_id) references bookings not valid`,
    "foreign keys",
    { found: "not validated: again" },
  ],
  [FOLDERS[1] ?? "", DROPPED, "functions and the view", { name: "crm_lead_key(text, text, text, uuid)" }],
  [FOLDERS[1] ?? "", "drop view chat_messages", "functions and the view", { name: "chat_messages" }],
  [
    FOLDERS[1] ?? "",
    `alter table "Audit" alter column created_at drop not null; insert into "Audit" (actor, action, created_at) values ('a', 'b', null)`,
    "leads and audits have a time",
    { table_name: "Audit" },
  ],
  [FOLDERS[2] ?? "", `drop index "Message_role_idx"`, "indexes are there", { found: "missing" }],
  [
    FOLDERS[2] ?? "",
    `update pg_index set indisvalid = false where indexrelid = '"Message_content_fts_idx"'::regclass`,
    "indexes are there",
    { index_name: "Message_content_fts_idx" },
  ],
  [
    FOLDERS[2] ?? "",
    `drop index "Message_content_fts_ru_idx"; create index "Message_content_fts_ru_idx" on "Message" using gin (to_tsvector('russian', content))`,
    "indexes are there",
    { index_name: "Message_content_fts_ru_idx" },
  ],
];

test.each(FAILURES)("%s: fails after %s", async (folder, sql, check, row) => {
  await db.query(sql);
  const failed = await failedChecks(folder);
  expect(failed.map(({ name }) => name)).toContainEqual(expect.stringContaining(check));
  expect(failed.find(({ name }) => name.includes(check))?.rows).toContainEqual(expect.objectContaining(row));
  await expect(runSqlScript(db.address, pathOf(folder))).rejects.toThrow();
});

test("It looks at every column, index, foreign key, label and function that the batch makes", () => {
  const sql = readFileSync(pathOf(FOLDERS[1] ?? ""), "utf8").replace(/'\n\s*'/g, "");
  const { tables, indexes, foreignKeys, functions, enums } = expectedShape();
  for (const [table, columns] of Object.entries(tables)) {
    const [, list = ""] = new RegExp(`\\('${table}',\\s+'([^']+)'\\)`).exec(sql) ?? [];
    const wanted = Object.entries(columns).map(
      ([name, { type }]) => `${name} ${type.replace(/^timestamp.*/, "timestamptz")}`,
    );
    expect(list.split(/, ?/).sort()).toEqual(wanted.sort());
  }
  for (const [name, { table }] of Object.entries(indexes)) expect(sql).toContain(`('${table}', '${name}')`);
  for (const { table, columns, parent } of foreignKeys)
    expect(sql).toContain(`('${table}', '${columns[0]}', '${parent}')`);
  for (const signature of Object.keys(functions)) expect(sql).toContain(`('${signature.replaceAll(",", ", ")}')`);
  for (const [name, labels] of Object.entries(enums))
    expect(sql).toContain(`('${name}', array[${labels.map((label) => `'${label}'`).join(", ")}])`);
});
