/** How often PostgREST is asked, and for what. */
import { expect, test } from "@jest/globals";
import { useDatabase } from "../../../helpers/database.ts";
import { makeOdd, makeSalon } from "../../../helpers/salon.ts";
import { copy, startService, TARGET, tableOf, whole } from "./service.ts";

const db = useDatabase({ empty: true });

test("A page costs one request, the end of a table one more", async () => {
  await makeSalon(db);
  await makeSalon(db, TARGET, { rows: false });
  const { open, asked } = await startService(db, { maxRows: 500 });
  const source = await open();
  const table = await tableOf(source, "clients");
  asked.length = 0;
  expect((await copy(db, source, table, 500)).rows).toBe(1_304);
  expect(asked).toHaveLength(4);
  expect(asked.every(({ query }) => query.get("order") === "id.asc" && query.get("offset") === null)).toBe(true);
});

test("From the second page on, the next one is read while one is stored", async () => {
  await makeSalon(db);
  const { open, asked } = await startService(db);
  const source = await open();
  const table = await tableOf(source, "clients");
  asked.length = 0;
  const first = await source.cut(table, whole("clients"), 100);
  const second = await source.cut(table, { ...whole("clients"), after: first?.until ?? null }, 100);
  while (asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  const third = await source.cut(table, { ...whole("clients"), after: second?.until ?? null }, 100);
  expect(third?.rows).toBe(100);
  // A page that is to be much smaller by now is read anew, and so is one of another stretch.
  expect((await source.cut(table, { ...whole("clients"), after: third?.until ?? null }, 10))?.rows).toBe(10);
  const part = { ...whole("clients"), after: first?.until ?? null, until: third?.until ?? null };
  expect((await source.cut(table, part, 30))?.rows).toBe(30);
  await source.close();
  await expect(source.count(table, whole("clients"))).rejects.toThrow("The source was closed.");
});

test("A dry run asks for keys only, and for each page once", async () => {
  await makeOdd(db, "odd");
  const { open, asked } = await startService(db, { schema: "odd", maxRows: 100 });
  const source = await open({ ahead: "keys" });
  const table = await tableOf(source, "uuid_keys");
  const before = asked.length;
  const cut = await source.cut(table, whole("uuid_keys"), 80);
  if (cut === undefined) throw new Error("There is a page.");
  expect(await source.keys(table, { ...whole("uuid_keys"), until: cut.until })).toHaveLength(80);
  expect(asked.length - before).toBe(1);
  expect(JSON.stringify(asked.at(-1))).not.toContain("note");
});
