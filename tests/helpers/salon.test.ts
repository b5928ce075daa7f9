import { expect, test } from "@jest/globals";
import { quoteName } from "../../scripts/lib/db/quote.ts";
import { useDatabase } from "./database.ts";
import { makeOdd, makePreserved, makeSalon, ODD_ROWS, PRESERVED_ROWS, SALON_ROWS } from "./salon.ts";

const db = useDatabase({ empty: true });

async function countRows(schema: string): Promise<Record<string, number>> {
  const { rows } = await db.query<{ name: string }>(
    'select tablename as name from pg_tables where schemaname = $1 order by tablename collate "C"',
    [schema],
  );
  const counts: Record<string, number> = {};
  for (const { name } of rows) {
    const found = await db.query<{ n: number }>(
      `select count(*)::int as n from ${quoteName(schema)}.${quoteName(name)}`,
    );
    counts[name] = found.rows[0]?.n ?? -1;
  }
  return counts;
}

test("The salon has its tables and rows, in any schema", async () => {
  await makeSalon(db);
  await makePreserved(db);
  await makeSalon(db, 'odd "name"', { rows: false });
  expect(await countRows("public")).toEqual({ ...SALON_ROWS, ...PRESERVED_ROWS });
  expect(Object.values(await countRows('odd "name"'))).toEqual(Object.keys(SALON_ROWS).map(() => 0));
});

test("The odd tables have their rows", async () => {
  await makeOdd(db, "odd");
  expect(await countRows("odd")).toEqual(ODD_ROWS);
});
