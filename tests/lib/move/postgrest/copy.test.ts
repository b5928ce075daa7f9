import { expect, test } from "@jest/globals";
import { keyOf } from "../../../../scripts/lib/move/catalog-types.ts";
import { useDatabase } from "../../../helpers/database.ts";
import { makeOdd, makeSalon, ODD_ROWS, SALON_ROWS } from "../../../helpers/salon.ts";
import { copy, difference, startService, TARGET, tableOf } from "./service.ts";

const db = useDatabase({ empty: true });

test("The salon's tables arrive byte by byte, though pages are clipped to 100 rows", async () => {
  await makeSalon(db);
  await makeSalon(db, TARGET, { rows: false });
  const { open, asked } = await startService(db, { maxRows: 100 });
  const source = await open();
  for (const table of (await source.catalog()).tables) {
    const { rows } = await copy(db, source, table, 1_000);
    expect([table.name, rows]).toEqual([table.name, SALON_ROWS[table.name as keyof typeof SALON_ROWS]]);
    expect(await difference(db, "public", table.name)).toEqual([]);
  }
  expect(asked.every(({ method }) => method === "GET")).toBe(true);
});

test("Every odd table with a key arrives byte by byte, three rows at a time", async () => {
  await makeOdd(db, "odd");
  await makeOdd(db, TARGET, { rows: false });
  const { open } = await startService(db, { schema: "odd", maxRows: 3 });
  const source = await open();
  for (const table of (await source.catalog()).tables.filter((one) => keyOf(one).length > 0)) {
    const { rows, pages } = await copy(db, source, table, 7);
    expect([table.name, rows]).toEqual([table.name, ODD_ROWS[table.name as keyof typeof ODD_ROWS]]);
    expect(pages).toHaveLength(Math.ceil(rows / 3));
    expect(await difference(db, "odd", table.name)).toEqual([]);
  }
});

test("A value that the target's column has no room for is refused by PostgreSQL, not cut", async () => {
  await db.query(`create table places (id int primary key, words varchar(20)[], code bit(5), name varchar(20), times text);
                  insert into places values (1, '{abcdef}', b'10101', 'abcdef', 'x');
                  create schema ${TARGET}`);
  const { open } = await startService(db);
  const source = await open();
  const table = await tableOf(source, "places");
  for (const narrow of ["words varchar(5)[]", "code bit(4)", "name varchar(5)", "times varchar(0)"].map((column) =>
    column.replace("varchar(0)", "integer"),
  )) {
    await db.query(`drop table if exists ${TARGET}.places; create table ${TARGET}.places (id int, ${narrow})`);
    await expect(copy(db, source, table)).rejects.toMatchObject({ code: expect.stringMatching(/^22/) });
  }
});

test("A time with a zone keeps its moment in a column without one, whatever the source's zone", async () => {
  await db.query(`create table visits (id int primary key, at timestamptz, told text, day timestamptz);
                  insert into visits values (1, '2025-11-11 12:00:00.123456+03', 'x', '2025-11-11 01:00:00+03');
                  create schema ${TARGET};
                  create table ${TARGET}.visits (id int, at timestamp, told text, day date)`);
  const { open } = await startService(db, { timeZone: "Asia/Tokyo" });
  const source = await open();
  await copy(db, source, await tableOf(source, "visits"));
  const { rows } = await db.query(`select at::text, told, day::text from ${TARGET}.visits`);
  expect(rows).toEqual([{ at: "2025-11-11 09:00:00.123456", told: "x", day: "2025-11-10" }]);
});
