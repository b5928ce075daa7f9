/** What a copy does about foreign keys, sequences and triggers of the target. */
import { expect, test } from "@jest/globals";
import { SCHEMA, useCopy } from "./copy/between.ts";

const { source, target, copy, expectEqual } = useCopy();

test("Children that come before their parents are copied in the end; those without one are refused", async () => {
  const schema = (name: string) => `
    create table ${name}.people (id int primary key, boss int references ${name}.people);
    create table ${name}.a (id int primary key, b int);
    create table ${name}.b (id int primary key, a int not null references ${name}.a);
    alter table ${name}.a add constraint a_b foreign key (b) references ${name}.b;`;
  await source.query(schema("public"));
  await target.query(`create schema ${SCHEMA}; ${schema(SCHEMA)}`);
  await source.query("insert into people select i, case when i < 60 then i + 1 end from generate_series(1, 60) i");
  // Pairs that need each other; and one row that needs a parent which is not there, with another one behind it.
  await source.query(`alter table a drop constraint a_b;
                      insert into a select i, i from generate_series(1, 30) i;
                      insert into b select i, 31 - i from generate_series(1, 30) i where i <> 8`);
  const { document, exitCode } = await copy([], { pageItems: 7 });
  expect({ exitCode, errors: document.errors.map(({ key, code }) => `${key} ${code}`).sort() }).toEqual({
    exitCode: 1,
    errors: ['["a","23"] 23503', '["a","8"] 23503', '["b","23"] 23503'],
  });
  const counts = `select (select count(*)::int from ${SCHEMA}.people) as people, (select count(*)::int from ${SCHEMA}.a) as a,
                         (select count(*)::int from ${SCHEMA}.b) as b`;
  expect((await target.query(counts)).rows).toEqual([{ people: 60, a: 28, b: 28 }]);
  expect((await target.query("select from migration_effects where action = 'put off'")).rowCount).toBe(0);
  expect((await target.query("select from pg_constraint where contype = 'f' and condeferrable")).rowCount).toBe(0);
});

test("Sequences stand behind the rows, and where the source's stood", async () => {
  const ddl = (name: string) => `
    create table ${name}.s (id serial primary key);
    create table ${name}.i (id int generated always as identity primary key, n int);
    create sequence ${name}.down increment by -1;
    create table ${name}.d (id int primary key default nextval('${name}.down'));`;
  await source.query(ddl("public"));
  await target.query(`create schema ${SCHEMA}; ${ddl(SCHEMA)}`);
  await source.query(`insert into s select from generate_series(1, 20); delete from s where id > 15;
                      insert into i overriding system value values (7, 1);
                      insert into d values (-50)`);
  expect((await copy()).exitCode).toBe(0);
  const next = async (sql: string) => (await target.query<{ id: number }>(sql)).rows[0]?.id;
  expect(await next(`insert into ${SCHEMA}.s default values returning id`)).toBe(21);
  expect(await next(`insert into ${SCHEMA}.i (n) values (1) returning id`)).toBe(8);
  expect(await next(`insert into ${SCHEMA}.d default values returning id`)).toBe(-51);
});

test("A trigger of the target changes nothing of what arrives, and is at work afterwards", async () => {
  const ddl = (schema: string) => `create table ${schema}.t (id int primary key, word text)`;
  await source.query(`${ddl("public")}; insert into t select i, 'as it was' from generate_series(1, 300) i`);
  await target.query(`create schema ${SCHEMA}; ${ddl(SCHEMA)};
    create function shout() returns trigger language plpgsql as 'begin new.word := upper(new.word); return new; end';
    create trigger shout before insert on ${SCHEMA}.t for each row execute function shout()`);
  expect((await copy(["--workers", "3"], { pageItems: 40 })).exitCode).toBe(0);
  await expectEqual();
  const { rows } = await target.query(`insert into ${SCHEMA}.t values (301, 'a word') returning word`);
  expect(rows).toEqual([{ word: "A WORD" }]);
});
