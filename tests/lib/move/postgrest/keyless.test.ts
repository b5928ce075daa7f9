import { expect, test } from "@jest/globals";
import { UserError } from "../../../../scripts/lib/errors.ts";
import { useDatabase } from "../../../helpers/database.ts";
import { makeOdd } from "../../../helpers/salon.ts";
import { rejected } from "../../http/service.ts";
import { copy, difference, startService, TARGET, tableOf, whole } from "./service.ts";

const db = useDatabase({ empty: true });

test("A table without a key arrives in one answer, where one holds it", async () => {
  await makeOdd(db, "odd");
  await makeOdd(db, TARGET, { rows: false });
  const { open } = await startService(db, { schema: "odd", maxRows: 10 });
  const source = await open();
  for (const [name, rows] of [
    ["no_key", 4],
    ["no_key_but_unique", 10],
  ] as const) {
    const table = await tableOf(source, name);
    expect(await source.count(table, whole(name))).toBe(rows);
    expect(await source.keys(table, whole(name))).toEqual([]);
    expect(await copy(db, source, table, 1)).toEqual({ rows, pages: [[]] });
    expect(await difference(db, "odd", name)).toEqual([]);
  }
});

test("A table without a key that is clipped is refused, and the message says what to do; a dry run counts it", async () => {
  await makeOdd(db, "odd");
  await makeOdd(db, TARGET, { rows: false });
  const { open } = await startService(db, { schema: "odd", maxRows: 9 });
  const source = await open();
  const table = await tableOf(source, "no_key_but_unique");
  const error = await rejected(copy(db, source, table));
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).toBe(
    "PostgREST shows no primary key of no_key_but_unique, and lets 9 of its rows out at a time: " +
      "leave it out with --tables, or read it with SOURCE_DATABASE_URL.",
  );
  expect(await difference(db, "odd", "no_key_but_unique")).toHaveLength(10);
  const rehearsal = await open({ ahead: "keys" });
  expect(await rehearsal.cut(table, whole("no_key_but_unique"), 1)).toEqual({ until: [], rows: 10 });
});
