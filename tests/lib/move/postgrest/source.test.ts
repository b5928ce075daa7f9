import { expect, test } from "@jest/globals";
import { quoteName } from "../../../../scripts/lib/db/quote.ts";
import { type Key, keyOf } from "../../../../scripts/lib/move/catalog-types.ts";
import type { PostgrestSource } from "../../../../scripts/lib/move/postgrest/source.ts";
import { useDatabase } from "../../../helpers/database.ts";
import { makeOdd, makeSalon } from "../../../helpers/salon.ts";
import { onTarget, startService, TARGET, tableOf, whole } from "./service.ts";

const db = useDatabase({ empty: true });

async function oddly(maxRows: number): Promise<{ source: PostgrestSource; asked: readonly unknown[] }> {
  await makeOdd(db, "odd");
  const { open, asked } = await startService(db, { schema: "odd", maxRows });
  return { source: await open({ ahead: "keys" }), asked };
}

/** A table's keys as PostgreSQL orders them, each value as it writes it. */
async function keysIn(table: string, key: readonly string[]): Promise<Key[]> {
  const columns = key.map(quoteName);
  const { rows } = await db.query<{ key: string[] }>(
    `select array[${columns.map((column) => `${column}::text`).join(", ")}] as key
       from odd.${quoteName(table)}
      order by ${columns.join(", ")}`,
  );
  return rows.map((row) => row.key);
}

test("Every table's keys come whole and in PostgreSQL's own order, however they are clipped", async () => {
  const { source } = await oddly(7);
  for (const table of (await source.catalog()).tables.filter((one) => keyOf(one).length > 0)) {
    expect([table.name, await source.keys(table, whole(table.name))]).toEqual([
      table.name,
      await keysIn(table.name, keyOf(table)),
    ]);
  }
});

test.each(["text_keys", "c_text_keys", "three_keys", "numeric_keys", "time_keys", "bytea_keys", "enum_keys"])(
  "Ranges of %s between any two keys hold what lies between them",
  async (name) => {
    const { source } = await oddly(1_000);
    const table = await tableOf(source, name);
    const all = await keysIn(name, keyOf(table));
    const [first, second] = [Math.floor(all.length / 4), Math.floor((all.length * 3) / 4)];
    const [after = null, until = null] = [all[first], all[second]];
    const parts = [
      await source.keys(table, { table: name, after: null, until: after }),
      await source.keys(table, { table: name, after, until }),
      await source.keys(table, { table: name, after: until, until: null }),
    ];
    expect(parts).toEqual([all.slice(0, first + 1), all.slice(first + 1, second + 1), all.slice(second + 1)]);
    expect(await source.count(table, { table: name, after, until })).toBe(second - first);
    expect(await source.keys(table, { table: name, after, until: after })).toEqual([]);
  },
);

test("A stretch that is larger than a page is measured without being read", async () => {
  await db.query(`create table many as select i * 3 as id from generate_series(1, 25000) i;
                  alter table many add primary key (id)`);
  const { open, asked } = await startService(db, { maxRows: 1_000 });
  const source = await open();
  const table = await tableOf(source, "many");
  asked.length = 0;
  const first = await source.cut(table, whole("many"), 12_000);
  expect(first).toEqual({ until: ["36000"], rows: 12_000 });
  const rest = { ...whole("many"), after: ["36000"] };
  expect(await source.cut(table, rest, 20_000)).toEqual({ until: ["75000"], rows: 13_000 });
  expect(await source.cut(table, { ...rest, after: ["75000"] }, 20_000)).toBeUndefined();
  expect(asked).toHaveLength(5);
});

test("A page that is cut and not taken is read anew where its rows are asked for in parts", async () => {
  await makeSalon(db);
  await makeSalon(db, TARGET, { rows: false });
  const { open } = await startService(db, { maxRows: 30 });
  const source = await open();
  const table = await tableOf(source, "companies");
  const clients = await tableOf(source, "clients");
  const cut = await source.cut(clients, whole("clients"), 30);
  const { rows } = await db.query<{ id: string }>("select id::text from clients order by clients.id");
  const [tenth = "", hundredth = ""] = [rows[9]?.id, rows[99]?.id];
  expect(cut).toEqual({ until: [rows[29]?.id], rows: 30 });
  await onTarget(db, async (tx) => {
    await source.load(tx, table, whole("companies"), `${TARGET}.companies`);
    expect(await source.load(tx, clients, { ...whole("clients"), until: [tenth] }, `${TARGET}.clients`)).toBe(10);
    const rest = { ...whole("clients"), after: [tenth], until: [hundredth] };
    expect(await source.load(tx, clients, rest, `${TARGET}.clients`)).toBe(90);
  });
});

test("Rows are found by their keys, more than an address holds, and those that are gone are left out", async () => {
  const { source, asked } = await oddly(50);
  await makeOdd(db, TARGET, { rows: false });
  for (const name of ["uuid_keys", "three_keys", "text_keys"]) {
    const table = await tableOf(source, name);
    const keys = await keysIn(name, keyOf(table));
    await db.query(`delete from odd.${name} where ctid = (select ctid from odd.${name} limit 1)`);
    const rows = await onTarget(db, (tx) => source.loadKeys(tx, table, keys, `${TARGET}.${name}`));
    expect([name, rows]).toEqual([name, keys.length - 1]);
  }
  for (const { query } of asked as readonly { query: URLSearchParams }[])
    expect(query.toString().length).toBeLessThan(6_000);
});

test("Only rows that are late enough are counted, cut and loaded", async () => {
  await db.query(`create table notes (id int primary key, made timestamp, changed timestamptz);
                  insert into notes
                  select i, '2025-11-01'::timestamp + i * interval '1 day', case when i % 2 = 0 then '2025-12-01+00'::timestamptz end
                    from generate_series(1, 20) i;
                  create schema ${TARGET};
                  create table ${TARGET}.notes (like notes)`);
  const { open } = await startService(db);
  const source = await open();
  const table = await tableOf(source, "notes");
  const range = { ...whole("notes"), since: { columns: ["made", "changed"], from: "2025-11-18 00:00:00.000001" } };
  expect(await source.count(table, range)).toBe(11);
  expect(await source.cut(table, range, 10)).toEqual({ until: ["19"], rows: 10 });
  expect(await onTarget(db, (tx) => source.load(tx, table, range, `${TARGET}.notes`))).toBe(11);
});
