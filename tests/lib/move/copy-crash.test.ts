/** Copies that are killed in the middle, and go on. */
import { expect, test } from "@jest/globals";
import { useDatabase } from "../../helpers/database.ts";
import { startFile } from "../../helpers/script.ts";

const source = useDatabase({ empty: true });
const target = useDatabase();

const DDL = (schema: string) => `
  create table ${schema}.items (id int primary key, whole jsonb, tags text[]);
  create table ${schema}.tree (id text primary key, parent text references ${schema}.tree);`;

const ROWS = { items: 1_000, tree: 400 };

async function makeTables(): Promise<void> {
  await source.query(DDL("public"));
  await source.query(`insert into items select i, jsonb_build_array(i, null), array['a,"' || i, null] from generate_series(1, ${ROWS.items}) i;
                      insert into tree select i::text, nullif(i, ${ROWS.tree}) + 1 from generate_series(1, ${ROWS.tree}) i`);
  await target.query(`create schema moved; ${DDL("moved")}`);
}

const run = (fault: string, argv: readonly string[]) =>
  startFile("tests/lib/move/copy/run-copy.ts", [source.url, target.url, "50", ...argv], {
    env: { CRM_MIGRATIONS_FAULT: fault },
  }).ended;

const everything = (schema: string) =>
  `select (select md5(string_agg(t::text, ';' order by id)) from ${schema}.items t) as items,
          (select md5(string_agg(t::text, ';' order by id)) from ${schema}.tree t) as tree`;

test.each([
  ["page-stored:4", []],
  ["page-committed:7", []],
  ["page-saved:23", []],
  ["stage-ended:2", []],
  ["share:1", ["--workers", "3"]],
  ["page-stored:9", ["--workers", "3"]],
] as const)("A copy that is killed at %s goes on behind its last page: %j", async (fault, argv) => {
  await makeTables();
  expect((await run(fault, argv)).exitCode).toBe(137);
  const { rows } = await target.query<{ there: number }>(
    "select (select count(*)::int from moved.items) + (select count(*)::int from moved.tree) as there",
  );
  const there = rows[0]?.there ?? 0;
  const { json, exitCode, stderr } = await run("", argv);
  expect({ stderr, exitCode, ...json.stats }).toMatchObject({
    exitCode: 0,
    rowsInserted: ROWS.items + ROWS.tree - there,
    rowsExisting: 0,
  });
  expect((await target.query(everything("moved"))).rows).toEqual((await source.query(everything("public"))).rows);
});
