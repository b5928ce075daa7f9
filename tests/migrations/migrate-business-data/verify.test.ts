/** Everything odd is proven through both sources; and each kind of damage is found. */
import { expect, test } from "@jest/globals";
import { makeOdd, ODD_ROWS, runIn } from "../../helpers/salon.ts";
import { LONG_MS, SCHEMA, sum, useMove } from "./bed.ts";

const { source, target, behindPostgrest, run, expectEqual } = useMove();

interface Damage {
  readonly what: string;
  readonly table: string;
  /** In the target. */
  readonly sql: string;
  readonly says: RegExp;
  /** At the source. */
  readonly there?: string;
  /** How many rows differ; 1 unless given. */
  readonly differences?: number;
}

/** Each in a table of its own, so that none hides behind another. */
const DAMAGES: readonly Damage[] = [
  {
    what: "one bit",
    table: "every type",
    sql: `update "every type" set raw = set_bit(raw, 7, 1 - get_bit(raw, 7)) where id = 9223372036854775807`,
    says: /differs: 9223372036854775807 in raw$/m,
  },
  {
    what: "one microsecond",
    table: "stays",
    sql: "update stays set at = at + interval '1 microsecond' where room = 7",
    says: /differs: \d+ in at$/m,
  },
  {
    what: "NULL against JSON null, and JSON null against NULL",
    table: "three_keys",
    sql: `update three_keys set value = case when value is null then 'null'::jsonb end
           where (company, kind) = ('a,b', 'ok') and at <= '2025-03-30 00:30:00.5+00'`,
    says: /(differs: a,b, ok, .* in value$[\s\S]*){2}/m,
    differences: 2,
  },
  {
    what: "a missing row",
    table: "uuid_keys",
    sql: "delete from uuid_keys where note = 'n77'",
    says: /missing: [0-9a-f-]{36}$/m,
  },
  {
    what: "an extra row",
    table: "text_keys",
    sql: "insert into text_keys values ('nobody''s', null)",
    says: /extra: nobody's$/m,
  },
  {
    what: "a row too few of two that are the same",
    table: "no_key",
    sql: "delete from no_key where ctid = (select min(ctid) from no_key where n = 1)",
    says: /missing: a row without a key/,
  },
  {
    what: "a sequence behind",
    table: 'Quoted "Names"',
    sql: 'alter table "Quoted ""Names""" alter "select" restart with 7',
    says: /sequence .* behind/,
    differences: 0,
  },
  {
    what: "an orphan behind a foreign key that is not valid",
    table: "employees",
    there:
      "alter table employees drop constraint employees_manager_fkey; update employees set manager_id = 999 where id = 3",
    sql: `alter table employees drop constraint employees_manager_fkey; update employees set manager_id = 999 where id = 3;
          alter table employees add constraint employees_manager_fkey foreign key (manager_id) references employees not valid`,
    says: /1 rows refer by manager_id → salon.employees to what is not there: \(999\)/,
    differences: 0,
  },
];

test.each(["direct", "postgrest"] as const)(
  "Every odd type, name and key is moved and proven through a %s source, and no damage goes unseen",
  async (kind) => {
    await makeOdd(source);
    if (kind === "postgrest") {
      await behindPostgrest({ maxRows: 150, timeZone: "America/St_Johns" });
      await makeOdd(target, SCHEMA, { rows: false });
    }
    // A view is no table, and PostgREST can't tell.
    const tables = ["--tables", Object.keys(ODD_ROWS).join(",")];
    const { exitCode, document, text } = await run(...tables);
    expect({ text, exitCode, stats: document.stats }).toMatchObject({
      exitCode: 0,
      stats: { rowsInserted: sum(ODD_ROWS), tablesVerified: Object.keys(ODD_ROWS).length, differences: 0, errors: 0 },
    });
    await expectEqual();
    for (const { what, table, sql, says, there = "", differences = 1 } of DAMAGES) {
      await runIn(source, "public", there);
      await runIn(target, SCHEMA, sql);
      const found = await run("verify", "--tables", table);
      expect({ what, text: found.text }).toEqual({ what, text: expect.stringMatching(says) });
      expect({ what, exitCode: found.exitCode, ...found.document }).toMatchObject({
        what,
        exitCode: 1,
        status: "completed_with_errors",
        stats: { tables: 1, tablesVerified: 0, differences },
        problems: [{ key: table, code: "not verified" }],
      });
    }
    const all = await run("verify", ...tables);
    const rehearsed = await run("verify", ...tables, "--dry-run");
    expect([rehearsed.exitCode, rehearsed.document.stats]).toEqual([all.exitCode, all.document.stats]);
    expect(all.document.stats).toMatchObject({
      tablesVerified: Object.keys(ODD_ROWS).length - DAMAGES.length,
      differences: DAMAGES.reduce((rows, { differences = 1 }) => rows + differences, 0),
    });
  },
  LONG_MS,
);

test("Copying again does not mend damage; verify says what it is, sync mends it, and verify judges again", async () => {
  await makeOdd(source);
  const tables = ["--tables", "uuid_keys,text_keys"];
  expect((await run(...tables)).exitCode).toBe(0);
  await target.query(`update ${SCHEMA}.uuid_keys set note = 'other' where note = 'n7'`);
  expect(await run("copy", ...tables)).toMatchObject({ exitCode: 0, document: { stats: { rowsInserted: 0 } } });
  const { exitCode, document, text } = await run(...tables);
  expect({ exitCode, status: document.status, stats: document.stats }).toMatchObject({
    exitCode: 0,
    status: "completed",
    stats: { rowsInserted: 0, rowsUpdated: 1, tablesVerified: 2, differences: 0 },
  });
  expect(document.subcommands?.map(({ stats }) => stats.differences)).toEqual([0, 0, 0, 1, 0, 0]);
  expect(text).toMatch(/differs: [0-9a-f-]+ in note/);
});

test("An index that still waits for the rows is not passed over", async () => {
  await makeOdd(source);
  expect((await run()).exitCode).toBe(0);
  await target.query(
    `insert into migration_effects (run_id, table_name, row_id, action, before)
     select max(id), '"${SCHEMA}"."uuid_keys"', 'index uuid_keys.late', 'make later',
            '{"schema": "${SCHEMA}", "kind": "index", "name": "uuid_keys.late", "table": "uuid_keys"}'
       from migration_runs`,
  );
  const { exitCode, document } = await run("verify");
  expect({ exitCode, problems: document.problems }).toEqual({
    exitCode: 1,
    problems: [
      { key: "uuid_keys", code: "not made", message: "The index uuid_keys.late still waits for the rows: run `copy`." },
    ],
  });
});
