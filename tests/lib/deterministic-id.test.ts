import { expect, test } from "@jest/globals";
import { deterministicId } from "../../scripts/lib/deterministic-id.ts";
import { useDatabase } from "../helpers/database.ts";

const db = useDatabase();

const KEYS = [
  "",
  "42",
  "5a0d1d1e-3c51-4c5b-9a7c-6f6f4ad0f0aa",
  "Привет, мир",
  "日本語",
  "👩‍👩‍👧 🇷🇺",
  "e\u0301 and \u00e9 differ",
  "a\x1fb",
  "line\r\nline\ttab",
  "'quoted' \\ \"twice\"",
  "x".repeat(100_000),
  ...Array.from({ length: 300 }, (_, i) => `audit ${i} ${String.fromCodePoint(0x400 + i)}`),
];

test("TypeScript and SQL give the same id to the same source key", async () => {
  const pairs = ["audit_backfill", "umnico", "источник", ""].flatMap((source) => KEYS.map((key) => ({ source, key })));
  const { rows } = await db.query<{ id: string }>(
    "select crm_uuid(p ->> 'source', p ->> 'key') as id from jsonb_array_elements($1) with ordinality as given (p, n) order by n",
    [JSON.stringify(pairs)],
  );
  expect(pairs.map(({ source, key }) => deterministicId(source, key))).toEqual(rows.map(({ id }) => id));
  expect(new Set(rows.map(({ id }) => id)).size).toBe(pairs.length);
});

test("An id is a UUID of version 8 and the standard's variant", () => {
  for (const key of KEYS)
    expect(deterministicId("audit_backfill", key)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
});
