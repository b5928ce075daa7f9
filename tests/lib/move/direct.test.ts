import { expect, test } from "@jest/globals";
import { parseAddress } from "../../../scripts/lib/db/address.ts";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { inTransaction } from "../../../scripts/lib/db/transaction.ts";
import { type Key, type KeyRange, keyOf, type Table } from "../../../scripts/lib/move/catalog-types.ts";
import { type DirectSource, openDirectSource } from "../../../scripts/lib/move/direct.ts";
import { useDatabase } from "../../helpers/database.ts";
import { makeOdd } from "../../helpers/salon.ts";

const db = useDatabase({ empty: true });
const target = useDatabase({ empty: true });

const whole = (table: Table): KeyRange => ({ table: table.name, after: null, until: null });

async function withSource<T>(work: (source: DirectSource) => Promise<T>, url = db.url): Promise<T> {
  const source = openDirectSource(parseAddress(url), "public");
  try {
    return await work(source);
  } finally {
    await source.close();
  }
}

async function tableNamed(source: DirectSource, name: string): Promise<Table> {
  const found = (await source.catalog()).tables.find((table) => table.name === name);
  if (found === undefined) throw new Error(`There is no table ${name}.`);
  return found;
}

test("Pages of any key hold each row once, and say how many they hold", async () => {
  await makeOdd(db);
  await withSource(async (source) => {
    for (const table of (await source.catalog()).tables) {
      const seen: Key[] = [];
      let rest = whole(table);
      for (let cut = await source.cut(table, rest, 3); cut !== undefined; cut = await source.cut(table, rest, 3)) {
        const page = { ...rest, until: cut.until };
        expect({ table: table.name, rows: cut.rows }).toEqual({
          table: table.name,
          rows: await source.count(table, page),
        });
        seen.push(...(await source.keys(table, page)));
        rest = { ...rest, after: cut.until };
      }
      const all = await source.keys(table, whole(table));
      expect(seen).toEqual(all);
      if (keyOf(table).length > 0)
        expect(new Set(seen.map((key) => JSON.stringify(key))).size).toBe(await source.count(table, whole(table)));
    }
  });
});

test("Keys of an extension's type are compared by its own operators, wherever it lives", async () => {
  await db.query(`create schema elsewhere; create extension citext schema elsewhere; create extension ltree schema elsewhere;
                  create table names (id elsewhere.citext primary key); insert into names values ('b'), ('A'), ('c'), ('D'), ('e');
                  create table paths (id elsewhere.ltree primary key); insert into paths values ('b.a'), ('a'), ('b'), ('c')`);
  await withSource(async (source) => {
    for (const [name, keys] of [
      ["names", ["A", "b", "c", "D", "e"]],
      ["paths", ["a", "b", "b.a", "c"]],
    ] as const) {
      const table = await tableNamed(source, name);
      expect((await source.keys(table, { ...whole(table), until: ["c"] })).flat()).toEqual(
        keys.slice(0, keys.indexOf("c") + 1),
      );
      expect(await source.count(table, { ...whole(table), after: [keys[1]] })).toBe(keys.length - 2);
    }
  });
});

test("All reads see one moment of the source, also side by side", async () => {
  await db.query("create table t (id int primary key); insert into t select generate_series(1, 10)");
  await withSource(async (source) => {
    const table = await tableNamed(source, "t");
    expect(await source.count(table, whole(table))).toBe(10);
    await db.query("insert into t values (11); delete from t where id = 1");
    const counts = await Promise.all([1, 2, 3].map(() => source.count(table, whole(table))));
    expect({ counts, moments: source.moments() }).toEqual({ counts: [10, 10, 10], moments: 1 });
  });
});

test("Where its connections were lost, a source goes on with a later moment, and says so", async () => {
  await db.query("create table t (id int primary key)");
  await withSource(async (source) => {
    const table = await tableNamed(source, "t");
    expect(await source.count(table, whole(table))).toBe(0);
    await db.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name = 'crm-migrations'",
    );
    await db.query("insert into t values (1)");
    const ask = () => source.keys(table, whole(table)).catch(() => undefined);
    expect((await ask()) ?? (await ask())).toEqual([["1"]]);
    expect(await source.count(table, whole(table))).toBe(1);
    expect(source.moments()).toBe(2);
  });
});

test("A role from which row-level security would hide rows can't read them as if they were all", async () => {
  await db.query(`create table t (id int primary key); insert into t values (1), (2);
                  alter table t enable row level security; create policy one on t using (id = 1);
                  drop role if exists move_filtered; create role move_filtered login; grant select on t to move_filtered`);
  const url = new URL(db.url);
  url.username = "move_filtered";
  try {
    await withSource(async (source) => {
      const table = await tableNamed(source, "t");
      await expect(source.count(table, whole(table))).rejects.toThrow("row-level security");
    }, url.href);
  } finally {
    await db.query("drop owned by move_filtered; drop role move_filtered");
  }
});

test("Only what a source is asked for is loaded, and a refused row leaves no connection behind", async () => {
  await db.query(
    "create table t (id text primary key, n int, more text); insert into t select i::text, i, E'a\\tb\\\\' from generate_series(1, 2000) i",
  );
  await target.query("create table into_it (n int check (n <> 1500), id text)");
  await withSource(async (source) => {
    const { columns, ...rest } = await tableNamed(source, "t");
    const table = { ...rest, columns: columns.filter(({ name }) => name !== "more") };
    await withDatabase(target.address, {}, async (ours) => {
      const load = (range: Partial<KeyRange>) =>
        inTransaction(ours, {}, (tx) => source.load(tx, table, { ...whole(table), ...range }, "into_it"));
      await expect(load({})).rejects.toMatchObject({ code: "23514" });
      expect(await load({ after: ["11"], until: ["13"] })).toBe(222);
      expect(
        await inTransaction(ours, {}, (tx) => source.loadKeys(tx, table, [["7"], ["no'\\"], ["8"]], "into_it")),
      ).toBe(2);
    });
  });
  expect((await target.query("select count(*)::int as n, count(distinct id)::int as ids from into_it")).rows).toEqual([
    { n: 224, ids: 224 },
  ]);
});
