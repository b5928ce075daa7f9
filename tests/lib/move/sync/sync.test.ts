/** The sync, driven by the engine, between two real databases. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import { type TestDatabase, useDatabase } from "../../../helpers/database.ts";
import { makeOdd, makeSalon, runIn } from "../../../helpers/salon.ts";
import { numbersOf } from "../../../helpers/script.ts";
import { type Route, runSync } from "./sync-batch.ts";

const source = useDatabase({ empty: true });
const target = useDatabase();
const SCHEMA = "moved";

const sync = (route: Partial<Route> = {}, argv: readonly string[] = []) =>
  runSync({ source, target, schema: SCHEMA, ...route }, argv);

/** Each table's rows as text, sorted. */
async function rowsOf(db: TestDatabase, schema: string): Promise<Record<string, string[]>> {
  const { rows: tables } = await db.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = $1::regnamespace and relkind = 'r' order by 1",
    [schema],
  );
  const texts: Record<string, string[]> = {};
  for (const { name } of tables) {
    const { rows } = await db.query<{ row: string }>(
      `select t::text as row from "${schema}"."${name.replaceAll('"', '""')}" t order by 1`,
    );
    texts[name] = rows.map(({ row }) => row);
  }
  return texts;
}

async function expectEqual(): Promise<void> {
  expect(await rowsOf(target, SCHEMA)).toEqual(await rowsOf(source, "public"));
}

const CHANGES = `
  update clients set name = 'Renamed', tags = '{"a,b",null,"c\\"d"}' where id in (select id from clients order by id limit 3);
  update bookings set services = null where id in (select id from bookings order by id limit 2);
  insert into clients (yclients_id, name, phone, company_id) select 900000 + i, 'New ' || i, '+7900' || i, min(company_id) from companies, generate_series(1, 4) i group by i;
  delete from messages where id in (select id from messages order by id limit 5);`;

describe.each(["direct", "postgrest"] as const)("With a %s source", (kind) => {
  beforeEach(async () => {
    await makeSalon(source);
    await makeSalon(target, SCHEMA);
  });

  test("A copy that is up to date is left alone", async () => {
    const { document, exitCode } = await sync({ kind });
    expect(exitCode).toBe(0);
    expect(document.stats).toMatchObject({ rowsInserted: 0, rowsUpdated: 0, rowsDeleted: 0, rowsGone: 0, errors: 0 });
  });

  test("What is new or changed is stored; what is gone is listed, and deleted where that is asked for", async () => {
    await source.query(CHANGES);
    const listed = await sync({ kind });
    expect(listed.exitCode).toBe(0);
    expect(listed.document.stats).toMatchObject({ rowsInserted: 4, rowsUpdated: 5, rowsDeleted: 0, rowsGone: 5 });
    expect(listed.output).toMatch(
      /messages: 5 rows are not at the source; they stay without --delete-missing: [0-9a-f-]{36};/,
    );
    const deleted = await sync({ kind, deleteMissing: true });
    expect(deleted.document.stats).toMatchObject({ rowsInserted: 0, rowsUpdated: 0, rowsDeleted: 5, rowsGone: 5 });
    await expectEqual();
  });

  test("A dry run says the same and changes nothing", async () => {
    await source.query(CHANGES);
    for (const since of [undefined, "2024-01-01"]) {
      const route = { kind, deleteMissing: true, ...(since === undefined ? {} : { since }) };
      const before = await target.snapshot();
      const dry = await sync(route, ["--dry-run"]);
      expect(await target.snapshot()).toEqual(before);
      expect(dry.document.stats).toMatchObject({ rowsInserted: 4, rowsUpdated: 5, rowsDeleted: 5, rowsGone: 5 });
    }
    const dry = await sync({ kind, deleteMissing: true }, ["--dry-run"]);
    expect(numbersOf(await sync({ kind, deleteMissing: true }))).toEqual(numbersOf(dry));
  });
});

describe("Since a time", () => {
  beforeEach(async () => {
    await makeSalon(source);
    await makeSalon(target, SCHEMA);
  });

  test("only rows that changed later are compared, and keys tell what else is new", async () => {
    await source.query(`alter table clients disable trigger user;
      update clients set name = 'Old news' where id = (select min(id) from clients);
      update clients set name = 'News', updated_at = '2030-01-01' where id = (select max(id) from clients);
      insert into clients (yclients_id, phone, created_at, updated_at) values (900001, '1', '2001-01-01', '2001-01-01');`);
    const { document } = await sync({ since: "2029-01-01" });
    expect(document.stats).toMatchObject({ rowsInserted: 1, rowsUpdated: 1 });
    expect((await sync()).document.stats).toMatchObject({ rowsInserted: 0, rowsUpdated: 1 });
    await expectEqual();
  });
});

test("Every update and deletion leaves what was there before", async () => {
  await makeSalon(source);
  await makeSalon(target, SCHEMA);
  const { rows: old } = await target.query(`select id, tags::text, name from ${SCHEMA}.clients order by id limit 1`);
  await source.query(CHANGES);
  await sync({ deleteMissing: true });
  const { rows: notes } = await target.query(
    `select action, count(*)::int as count from migration_effects where action in ('update', 'delete') group by 1 order by 1`,
  );
  expect(notes).toEqual([
    { action: "delete", count: 5 },
    { action: "update", count: 5 },
  ]);
  const { rows } = await target.query(
    `select before, hash = (select md5(c::text) from ${SCHEMA}.clients c where id = $1) as is_unchanged
       from migration_effects where table_name = '"${SCHEMA}"."clients"' and row_id = $2`,
    [old[0]?.id, JSON.stringify([String(old[0]?.id)])],
  );
  expect(rows).toMatchObject([
    { before: { key: [String(old[0]?.id)], values: { name: old[0]?.name, tags: old[0]?.tags } }, is_unchanged: true },
  ]);
});

test("Odd rows are brought up to date, whatever their types and keys", async () => {
  await makeOdd(source);
  await makeOdd(target, SCHEMA);
  await runIn(
    target,
    SCHEMA,
    `update "every type" set tight = 'null', raw = '', amount = 1.5, texts = '{a,b,c}', home = null, spans = null, cash = 0, "char" = 'z',
                             local_time = '2025-11-09 10:00:00.000002', jsons = '{}', spot = null, loose = '{}';
     update three_keys set value = '[]' where company = 'a,b';
     update text_keys set note = null;
     update bytea_keys set note = 'other';
     update employees set manager_id = null;
     update eggs set chicken_id = 1;
     update chickens set egg_id = null;
     delete from employees where id > 20;
     delete from no_key where ctid = (select min(ctid) from no_key);
     delete from stays where id % 3 = 0;`,
  );
  const { document, exitCode, output } = await sync({ pageItems: 7 });
  expect({ output, exitCode, errors: document.errors }).toMatchObject({ exitCode: 0, errors: [] });
  await expectEqual();
});

test("A sync that was stopped, wherever it was, goes on", async () => {
  await makeOdd(source);
  await makeOdd(target, SCHEMA);
  await runIn(
    target,
    SCHEMA,
    `update uuid_keys set note = null where id < '30000000-0000-0000-0000-000000000000';
     delete from text_keys where code < 'b';
     update employees set manager_id = null where id > 25;
     insert into date_keys values ('2001-01-01', 'extra'), ('2001-01-02', 'extra');
     insert into enum_keys select 'ok', 'extra' where false;`,
  );
  const numbers = { rowsInserted: 0, rowsUpdated: 0, rowsDeleted: 0 };
  let runs = 0;
  for (let left = true; left && runs < 60; runs++) {
    const { document, output, exitCode } = await sync({ pageItems: 20, deleteMissing: true }, ["--limit", "25"]);
    expect({ output, exitCode }).toMatchObject({ exitCode: 0 });
    for (const name of ["rowsInserted", "rowsUpdated", "rowsDeleted"] as const)
      numbers[name] += document.stats[name] ?? 0;
    left = /stopped at --limit/i.test(output);
  }
  expect(runs).toBeGreaterThan(3);
  await expectEqual();
  const { rows } = await source.query(
    `select (select count(*)::int from uuid_keys where id < '30000000-0000-0000-0000-000000000000') as uuids,
            (select count(*)::int from text_keys where code < 'b') as texts`,
  );
  expect(numbers).toEqual({ rowsInserted: rows[0]?.texts, rowsUpdated: rows[0]?.uuids + 14, rowsDeleted: 2 });
});

test("A row that the target refuses goes to quarantine, and the others are stored", async () => {
  await makeSalon(source);
  await makeSalon(target, SCHEMA);
  await target.query(`alter table ${SCHEMA}.clients add check (name <> 'Bad')`);
  await source.query(`update clients set name = case when id = (select min(id) from clients) then 'Bad' else 'Good' end
                       where id in (select id from clients order by id limit 30)`);
  const { document, exitCode } = await sync();
  expect(exitCode).toBe(1);
  expect(document.stats).toMatchObject({ rowsUpdated: 29, errors: 1 });
  await target.query(`alter table ${SCHEMA}.clients drop constraint clients_name_check`);
  expect(await sync({}, ["--retry-errors"])).toMatchObject({
    exitCode: 0,
    document: { stats: { rowsUpdated: 1, errors: 0 } },
  });
  await expectEqual();
});
