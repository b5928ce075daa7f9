import { beforeEach, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { parseAddress } from "../../../../scripts/lib/db/address.ts";
import { withDatabase } from "../../../../scripts/lib/db/database.ts";
import { readCatalog } from "../../../../scripts/lib/move/catalog.ts";
import { openDirectSource } from "../../../../scripts/lib/move/direct.ts";
import { type Comparison, compareSides } from "../../../../scripts/lib/move/verify/compare.ts";
import type { Side } from "../../../../scripts/lib/move/verify/side.ts";
import { withSides } from "../../../../scripts/lib/move/verify/sides.ts";
import { useDatabase } from "../../../helpers/database.ts";
import { makeOdd, makeSalon, ODD_ROWS, SALON_ROWS } from "../../../helpers/salon.ts";
import { openTwoCopies, SOURCE, TARGET, type TwoCopies, tableOf } from "./two-copies.ts";

const db = useDatabase({ empty: true });

const compare = (copies: TwoCopies, table: string, list = 10): Promise<Comparison> =>
  withSides(copies, { source: tableOf(copies.from, table), target: tableOf(copies.to, table) }, {}, (sides) =>
    compareSides(sides.source, sides.target, sides.shape, list),
  );

const EQUAL = { missing: 0, extra: 0, changed: 0, listed: [], unsettled: false };

describe.each(["direct", "postgrest"] as const)("With a %s source", (kind) => {
  test("Every table of a salon is equal to its copy", async () => {
    await makeSalon(db, SOURCE);
    await makeSalon(db, TARGET);
    const copies = await openTwoCopies(db, kind);
    for (const [table, rows] of Object.entries(SALON_ROWS))
      expect(await compare(copies, table)).toEqual({ sourceRows: rows, targetRows: rows, ...EQUAL });
  });

  test("Values of every type are equal to their copies", async () => {
    await makeOdd(db, SOURCE);
    await makeOdd(db, TARGET);
    const copies = await openTwoCopies(db, kind);
    for (const [table, rows] of Object.entries(ODD_ROWS))
      expect([table, await compare(copies, table)]).toEqual([table, { sourceRows: rows, targetRows: rows, ...EQUAL }]);
  });

  describe("of odd values", () => {
    beforeEach(async () => {
      await makeOdd(db, SOURCE);
      await makeOdd(db, TARGET);
    });

    const only = async (table: string) => {
      const { missing, extra, changed, listed } = await compare(await openTwoCopies(db, kind), table);
      return { missing, extra, changed, listed };
    };

    test.each([
      ["one bit of a bytea", "raw = set_bit(raw, 0, 1 - get_bit(raw, 0))", "raw", "9007199254740993"],
      ["one bit of a bit string", "bits = b'10100'", "bits", "9007199254740993"],
      ["a microsecond", "local_time = local_time + interval '1 microsecond'", "local_time", "1"],
      ["a JSON null for a NULL", "tight = 'null'", "tight", "2"],
      ["a NULL for a JSON null", "tight = null", "tight", "1"],
      ["white space within json", `loose = '{"b":1, "a":2,"b":3}'`, "loose", "9007199254740993"],
      ["the last digit of a bigint", "numbers[1] = 9007199254740992", "numbers", "9007199254740993"],
      ["the scale of a numeric", "amount = 1.5", "amount", "1"],
      ["an empty text for a NULL", "body = null", "body", "-9223372036854775808"],
      ["the lower bound of an array", "texts = '{a,b,c}'", "texts", "9223372036854775807"],
      ["a null of an array as a word", `texts[3] = 'NULL'`, "texts", "9007199254740993"],
      ["a minus before a zero", `"real" = '0'`, "real", "-9223372036854775808"],
    ])("%s is found, and its column named", async (_, change, column, id) => {
      await db.query(`update ${TARGET}."every type" set ${change} where id = $1`, [id]);
      expect(await only("every type")).toEqual({
        missing: 0,
        extra: 0,
        changed: 1,
        listed: [{ kind: "changed", key: [id], columns: [column] }],
      });
    });

    test("A missing and an extra row are told apart by their keys", async () => {
      await db.query(`delete from ${TARGET}.three_keys where company = 'a,b' and kind = 'very, "happy"'`);
      await db.query(`insert into ${TARGET}.three_keys values ('"q"', 'ok', '2025-01-01 00:00:00.000001+00', null)`);
      const { listed, ...counts } = await only("three_keys");
      expect(counts).toEqual({ missing: 10, extra: 1, changed: 0 });
      expect(listed.every(({ kind }) => kind === "missing" || kind === "extra")).toBe(true);
      const missing = listed.find((one) => one.kind === "missing")?.key ?? [];
      expect(missing.slice(0, 2)).toEqual(["a,b", 'very, "happy"']);
    });

    test("Of a table without a key each row counts as often as it is there", async () => {
      await db.query(`delete from ${TARGET}.no_key where ctid = (select min(ctid) from ${TARGET}.no_key)`);
      expect(await only("no_key")).toEqual({
        missing: 1,
        extra: 0,
        changed: 0,
        listed: [{ kind: "missing", key: ["1", "twice"], columns: [] }],
      });
    });

    test("All differences are counted, however few are listed", async () => {
      await db.query(`update ${TARGET}.uuid_keys set note = note || '!'`);
      const { changed, listed } = await compare(await openTwoCopies(db, kind), "uuid_keys", 3);
      expect([changed, listed.length]).toEqual([500, 3]);
    });
  });
});

test("A change of type that keeps every value is no difference, and one that loses some is", async () => {
  await db.query(`create schema ${SOURCE}; create schema ${TARGET};
    create table ${SOURCE}.t (id integer primary key, j json, n numeric(10, 4), at timestamp, c char(5), r real, days date[]);
    create table ${TARGET}.t (id bigint primary key, j jsonb, n numeric, at timestamptz, c text, r double precision, days timestamp[]);
    insert into ${SOURCE}.t values (1, '{"b": 1,  "a": 2}', 1.5, '2025-01-01 12:00:00.000001', 'ab', 0.1, null),
                                   (2, null, null, null, null, null, '{2025-01-01}');
    insert into ${TARGET}.t values (1, '{"b": 1,  "a": 2}', 1.50, '2025-01-01 12:00:00.000001+00', 'ab', 0.1, null),
                                   (2, null, null, null, null, null, '{2025-01-02}');`);
  expect((await compare(await openTwoCopies(db), "t")).listed).toEqual([
    { kind: "changed", key: ["2"], columns: ["days"] },
  ]);
});

test("Rows that a policy would hide fail the comparison", async () => {
  await db.query(`create schema ${SOURCE}; create schema ${TARGET};
    create table ${SOURCE}.t (id integer primary key); create table ${TARGET}.t (id integer primary key);
    alter table ${SOURCE}.t enable row level security; alter table ${SOURCE}.t force row level security;
    create role hides_rows; alter table ${SOURCE}.t owner to hides_rows; grant usage on schema ${SOURCE}, ${TARGET} to hides_rows;
    grant select on ${TARGET}.t to hides_rows;`);
  try {
    const copies = await openTwoCopies({
      ...db,
      address: { ...db.address, client: { ...db.address.client, options: "-c role=hides_rows" } },
    });
    await expect(compare(copies, "t")).rejects.toThrow(/row-level security/);
  } finally {
    await db.query("drop owned by hides_rows; drop role hides_rows");
  }
});

test("Databases in two encodings hold the same texts", async () => {
  const admin = new pg.Client(process.env.TEST_ADMIN_URL);
  await admin.connect();
  const name = `latin_${process.pid}`;
  try {
    await admin.query(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
    const url = new URL(db.url);
    url.pathname = `/${name}`;
    const address = parseAddress(url.href);
    const make = (schema: string) =>
      `create schema ${schema}; create table ${schema}.t (id text primary key, note text); insert into ${schema}.t values ('é', 'ü'), ('ß', null)`;
    await withDatabase(address, {}, (latin) => latin.query(make(SOURCE)));
    await db.query(make(TARGET));
    await withDatabase(db.address, {}, async (target) => {
      const source = openDirectSource(address, SOURCE);
      const from = await source.catalog();
      const to = await readCatalog(target, TARGET);
      const copies = { source, sourceSchema: SOURCE, target, schema: TARGET, from, to };
      expect(await compare(copies, "t")).toEqual({ sourceRows: 2, targetRows: 2, ...EQUAL });
      await db.query(`update ${TARGET}.t set note = 'u' where id = 'é'`);
      expect((await compare(copies, "t")).listed).toEqual([{ kind: "changed", key: ["é"], columns: ["note"] }]);
      await source.close();
    });
  } finally {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
  }
});

test("Sums that differ over rows that don't are not taken for equality", async () => {
  const side = (hash: bigint): Side => ({
    sums: async () => new Map([[1, { rows: 1, hash }]]),
    async *rows() {
      yield { hash: 1n, key: "{1}", columns: "{5}" };
    },
  });
  const shape = { key: [], columns: [], keyed: true, absent: [] };
  expect(await compareSides(side(1n), side(2n), shape, 5)).toMatchObject({ changed: 0, unsettled: true });
});

test("Of many rows that differ few are held at a time, and all are counted", async () => {
  const make = (schema: string, note: string) =>
    `create schema ${schema}; create table ${schema}.t (id integer primary key, note text);
     insert into ${schema}.t select i, ${note} from generate_series(1, 9000) i`;
  await db.query(make(SOURCE, "'a'"));
  await db.query(make(TARGET, "case when i % 3 = 0 then 'b' else 'a' end"));
  await db.query(`delete from ${TARGET}.t where id > 8997; insert into ${TARGET}.t values (0, 'a')`);
  const { missing, extra, changed } = await compare(await openTwoCopies(db), "t");
  expect({ missing, extra, changed }).toEqual({ missing: 3, extra: 1, changed: 2_999 });
});
