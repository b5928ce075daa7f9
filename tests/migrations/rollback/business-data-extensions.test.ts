/** Keys of types that extensions bring, which live where no session looks: every statement of batch 10 finds their operators. */
import { expect, test } from "@jest/globals";
import { runChecks } from "../../../scripts/lib/checks.ts";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { numbersOf } from "../../helpers/script.ts";
import { SCHEMA, useMoving } from "./business-data.ts";
import { fileOf, keptOf, rollBack } from "./rollback.ts";

const moving = useMoving();
const { source, target, copy, sync, everything } = moving;

const tables = (schema: string) => `
  create schema elsewhere; create extension citext schema elsewhere; create extension ltree schema elsewhere;
  create schema if not exists ${schema};
  create table ${schema}.names (id elsewhere.citext primary key, note text);
  create table ${schema}.pets (id int primary key, owner elsewhere.citext not null references ${schema}.names);
  create table ${schema}.paths (id elsewhere.ltree primary key, parent elsewhere.ltree references ${schema}.paths)`;

test("They are copied, brought up to date, checked and taken back", async () => {
  await source.query(tables("public"));
  await target.query(tables(SCHEMA));
  await source.query(`insert into names values ('b'), ('A'), ('c'), ('D'), ('e'); insert into pets values (1, 'B'), (2, 'd');
                      insert into paths values ('b.a', 'b'), ('a', null), ('b', null), ('c', 'b.a')`);
  await target.query(`insert into ${SCHEMA}.names values ('c', 'was here')`);
  const before = await everything();
  const dry = await copy(["--dry-run"], 2);
  const done = await copy([], 2);
  expect(numbersOf(done)).toEqual(numbersOf(dry));
  expect(done.document.stats).toMatchObject({ rowsInserted: 10, rowsExisting: 1, errors: 0 });
  await source.query(`update names set note = 'new' where note is null; update pets set owner = 'E' where id = 1;
                      delete from paths where id::text = 'c'; insert into paths values ('d', 'a')`);
  expect((await sync()).document.stats).toMatchObject({ rowsInserted: 1, rowsUpdated: 6, rowsDeleted: 1, errors: 0 });
  const checks = await withDatabase(target.address, { max: 1 }, (db) => runChecks(db, fileOf(10, "verify")));
  expect(checks.filter(({ count, error }) => count > 0 || error !== undefined)).toEqual([]);
  expect(keptOf(await rollBack(target, 10))).toEqual([]);
  expect(await everything()).toEqual(before);
});
