import { beforeEach, describe, expect, test } from "@jest/globals";
import { inTransaction } from "../../../../scripts/lib/db/transaction.ts";
import { setCanonical } from "../../../../scripts/lib/move/verify/canonical.ts";
import { keepPreserved } from "../../../../scripts/lib/move/verify/preserved.ts";
import type { TableVerdict, Verdict } from "../../../../scripts/lib/move/verify/verdict.ts";
import { type Verification, verify } from "../../../../scripts/lib/move/verify/verify.ts";
import { tableLines, verdictLines } from "../../../../scripts/lib/move/verify/words.ts";
import { useDatabase } from "../../../helpers/database.ts";
import { makeOdd, makePreserved, makeSalon, ODD_ROWS, SALON_ROWS } from "../../../helpers/salon.ts";
import { openTwoCopies, SOURCE, TARGET, tableOf } from "./two-copies.ts";

const db = useDatabase();

async function run(changes: Partial<Verification> = {}, kind: "direct" | "postgrest" = "direct"): Promise<Verdict> {
  const copies = await openTwoCopies(db, kind);
  return verify({
    ...copies,
    tables: copies.from.tables,
    sourceCatalog: copies.from,
    targetCatalog: copies.to,
    preserved: [],
    preservedBy: null,
    guarded: true,
    tryInserts: true,
    list: 10,
    workers: 2,
    signal: new AbortController().signal,
    ...changes,
  });
}

const of = (verdict: Verdict, table: string): TableVerdict => {
  const found = verdict.tables.find((one) => one.table === table);
  if (found === undefined) throw new Error(`Nothing was said of ${table}.`);
  return found;
};

const problemsOf = (verdict: Verdict): string[] => [
  ...verdict.problems,
  ...verdict.tables.flatMap(({ table, problems }) => problems.map((problem) => `${table}: ${problem}`)),
];

describe("Of a salon that was moved", () => {
  beforeEach(async () => {
    await makeSalon(db, SOURCE);
    await makeSalon(db, TARGET);
  });

  test.each(["direct", "postgrest"] as const)("everything is verified against a %s source", async (kind) => {
    const verdict = await run({}, kind);
    expect(problemsOf(verdict)).toEqual([]);
    const tables = Object.keys(SALON_ROWS).length;
    expect(verdict.stats).toEqual({ tables, tablesVerified: tables, differences: 0, errors: 0 });
    expect(verdict.passed).toBe(true);
    expect(tableLines(of(verdict, "clients"))).toEqual(["clients: 1,304 rows are equal"]);
  });

  test("the rows that were tried are not left behind", async () => {
    const before = await db.query(`select count(*) from ${TARGET}.clients`);
    await run();
    expect((await db.query(`select count(*) from ${TARGET}.clients`)).rows).toEqual(before.rows);
  });

  test("a sequence that is behind fails, and so does the insert", async () => {
    const { rows } = await db.query<{ least: number; most: number }>(
      `select setval('${TARGET}.clients_id_seq', min(id), false), min(id) as least, max(id) as most from ${TARGET}.clients`,
    );
    const verdict = await run();
    expect(verdict.passed).toBe(false);
    expect(of(verdict, "clients").problems).toEqual([
      `sequence clients_id_seq is behind: it goes on with ${rows[0]?.least}, and id has ${rows[0]?.most}`,
      expect.stringMatching(/^no row can be inserted: duplicate key .*"clients_pkey"/),
    ]);
  });

  test("a default that gives the same key again fails", async () => {
    await db.query(
      `do $$ begin execute format('alter table ${TARGET}.staff alter id set default %s', (select min(id) from ${TARGET}.staff)); end $$`,
    );
    expect(of(await run(), "staff").problems).toEqual([
      expect.stringMatching(/^no row can be inserted: duplicate key .*"staff_pkey"/),
    ]);
  });

  test("a missing row fails by name", async () => {
    await db.query(`delete from ${TARGET}.messages where id = (select min(id::text)::uuid from ${TARGET}.messages)`);
    const verdict = await run();
    expect(verdict.stats).toMatchObject({ differences: 1, errors: 0 });
    expect(verdict.passed).toBe(false);
    const { rows } = await db.query<{ id: string }>(`select min(id::text) as id from ${SOURCE}.messages`);
    expect(tableLines(of(verdict, "messages"))).toEqual([
      "messages: NOT VERIFIED: 210 rows at the source, 209 in the target; 1 missing, 0 extra, 0 differ",
      `  missing: ${rows[0]?.id}`,
    ]);
    expect(verdictLines(verdict)).toEqual(["9 of 10 tables verified, 1 rows differ, 0 other problems"]);
  });

  test("a table and a column that the target lacks fail", async () => {
    await db.query(`drop table ${TARGET}.actions; alter table ${TARGET}.services drop raw_data`);
    const verdict = await run();
    expect(problemsOf(verdict)).toEqual([
      "actions: the target has no such table",
      "services: the target has no column raw_data",
    ]);
    expect(verdict.passed).toBe(false);
  });

  test("a table that can't be read fails, and the others are verified", async () => {
    const copies = await openTwoCopies(db);
    await db.query(`drop table ${SOURCE}.actions`);
    const verdict = await run({ tables: copies.from.tables, sourceCatalog: copies.from });
    expect(problemsOf(verdict)).toEqual([expect.stringMatching(/^actions: could not be verified: .*does not exist/)]);
    expect(verdict.stats).toMatchObject({ tables: 10, tablesVerified: 9, errors: 1 });
  });

  test("pages that hold fewer rows than the source counts fail", async () => {
    const copies = await openTwoCopies(db, "postgrest");
    const { source } = copies;
    const counting = { ...source, count: async () => 46 };
    const tables = [tableOf(copies.from, "bookings")];
    expect(problemsOf(await run({ source: counting, tables }, "postgrest"))).toEqual([
      "bookings: the source counts 46 rows, and its pages held 45",
    ]);
  });

  test("rows without the row that they refer to fail, also where the target has no foreign key", async () => {
    await db.query(`alter table ${TARGET}.clients drop constraint clients_company_id_fkey;
                    update ${TARGET}.clients set company_id = 77 where id = any (array(select id from ${TARGET}.clients limit 2))`);
    const verdict = await run();
    expect(of(verdict, "clients").problems).toEqual([
      `2 rows refer by company_id → ${TARGET}.companies to what is not there: (77); (77)`,
    ]);
  });
});

test("Odd tables are verified, each with an insert that is taken back", async () => {
  await makeOdd(db, SOURCE);
  await makeOdd(db, TARGET);
  const verdict = await run();
  expect(problemsOf(verdict)).toEqual([]);
  expect(verdict.stats.tablesVerified).toBe(Object.keys(ODD_ROWS).length);
});

test("A real is equal to the double precision that it is copied to, whatever its exponent", async () => {
  await db.query(`create schema ${SOURCE}; create schema ${TARGET};
                  create table ${SOURCE}.t (id int primary key, n real, l real[]);
                  create table ${TARGET}.t (id int primary key, n double precision, l double precision[]);
                  insert into ${SOURCE}.t values (1, '1e10', '{1e10,0.1,NULL}'), (2, '0.1', '{}'), (3, 'NaN', null), (4, '1e-7', null);
                  insert into ${TARGET}.t select id, n::text::float8, l::text::float8[] from ${SOURCE}.t`);
  expect((await run()).passed).toBe(true);
  await db.query(`update ${TARGET}.t set n = 0.1::real where id = 2`);
  expect((await run()).stats.differences).toBe(1);
});

test("A key that has come to the end of its type is no fault of the table's", async () => {
  for (const schema of [SOURCE, TARGET])
    await db.query(`create schema ${schema};
                    create table ${schema}.days (at timestamp primary key); insert into ${schema}.days values ('294276-12-31 23:00');
                    create table ${schema}.few (n numeric(2, 0) primary key); insert into ${schema}.few values (99)`);
  const verdict = await run();
  expect(problemsOf(verdict)).toEqual([]);
  expect(of(verdict, "few").information).toEqual([expect.stringContaining("could not be tried")]);
});

test("A sequence that nobody owns and that is behind the source's fails", async () => {
  await makeOdd(db, SOURCE);
  await makeOdd(db, TARGET);
  await db.query(`alter table ${TARGET}.stays alter ticket drop default; select nextval('${SOURCE}.ticket_number')`);
  await db.query(`select setval('${TARGET}.ticket_number', 990)`);
  expect((await run()).problems).toEqual([
    expect.stringMatching(/^sequence ticket_number is behind: 990, at the source/),
  ]);
});

describe("Of tables that had to stay as they were", () => {
  const keep = async (runId = 1) => {
    const copies = await openTwoCopies(db);
    await inTransaction(copies.target, {}, async (tx) => {
      await setCanonical(tx);
      for (const name of ["whatsapp_auth", "whatsapp_keys"])
        await keepPreserved(tx, runId, TARGET, tableOf(copies.to, name));
    });
  };
  const check = (changes: Partial<Verification> = {}) =>
    run({ tables: [], preserved: ["whatsapp_auth", "whatsapp_keys"], preservedBy: 1, ...changes });

  beforeEach(async () => {
    await makePreserved(db, TARGET);
    await keep();
  });

  test("nothing is said where nothing has changed", async () => {
    expect(await check()).toMatchObject({ problems: [], information: [], passed: true });
  });

  test("what others did is information, and named", async () => {
    await db.query(`update ${TARGET}.whatsapp_keys set value = '{}' where key_id = 'key:7';
                    delete from ${TARGET}.whatsapp_keys where key_id in ('key:8', 'key:9');
                    insert into ${TARGET}.whatsapp_keys values ('962302', 'session', 'new', '{}')`);
    expect(await check()).toMatchObject({
      problems: [],
      information: [
        `${TARGET}.whatsapp_keys: 1 rows were added by somebody else: {962302,session,new}`,
        `${TARGET}.whatsapp_keys: 1 rows were changed by somebody else: {962302,session,key:7}`,
        `${TARGET}.whatsapp_keys: 2 rows are gone: {962302,lid-mapping,key:8}; {962302,pre-key,key:9}`,
      ],
      passed: true,
    });
  });

  test("a row that is gone fails where nothing kept our own sessions from it", async () => {
    await db.query(`delete from ${TARGET}.whatsapp_auth`);
    expect((await check({ guarded: false })).problems).toEqual([`${TARGET}.whatsapp_auth: 1 rows are gone: {962302}`]);
  });

  test("a row that one of our transactions has changed fails", async () => {
    await db.query(`begin;
      insert into migration_effects (run_id, table_name, row_id, action) values (2, 'moved.clients', '1', 'update');
      update ${TARGET}.whatsapp_auth set creds = '{}'; commit;`);
    expect(await check()).toMatchObject({
      problems: [`${TARGET}.whatsapp_auth: 1 rows were changed by this move: {962302}`],
      passed: false,
    });
  });

  test("what is kept first stays, however often it is asked for", async () => {
    await db.query(`update ${TARGET}.whatsapp_auth set creds = '{}'`);
    await keep();
    expect((await check()).information).toHaveLength(1);
  });

  test("a table of which nothing was kept, or that is gone, fails", async () => {
    expect((await check({ preservedBy: 2 })).passed).toBe(false);
    expect((await check({ preservedBy: null })).problems).toHaveLength(2);
    await db.query(`drop table ${TARGET}.whatsapp_auth`);
    expect((await check()).problems).toEqual([`${TARGET}.whatsapp_auth: it is gone`]);
  });
});
