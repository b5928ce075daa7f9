/** verify.sql of batch 10: silent after a good run, and after its rollback; each check has a way to be broken here. */
import { beforeEach, expect, test } from "@jest/globals";
import { readChecks, runChecks } from "../../../scripts/lib/checks.ts";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { withRunLock } from "../../../scripts/lib/db/lock.ts";
import { inTransaction } from "../../../scripts/lib/db/transaction.ts";
import { readCatalog } from "../../../scripts/lib/move/catalog.ts";
import { keepPreserved } from "../../../scripts/lib/move/verify/preserved.ts";
import { runIn } from "../../helpers/salon.ts";
import { SCHEMA, useMoving } from "./business-data.ts";
import { psql, testWithPsql } from "./psql.ts";
import { fileOf, rollBack } from "./rollback.ts";

const { source, target, copy, guard } = useMoving();
const FILE = fileOf(10, "verify");

const DDL = `
  create sequence down increment by -2 maxvalue 0 start with -100;
  create table people (id serial primary key, "Boss" int constraint boss references people, name text);
  create table tickets (id int default nextval('down') primary key, at int generated always as identity, code text default 'T' || nextval('down'));
  create table empty (id bigserial primary key);`;

beforeEach(async () => {
  await runIn(source, "public", DDL);
  await runIn(
    target,
    SCHEMA,
    `${DDL} create table kept (id int primary key); insert into kept select generate_series(1, 7)`,
  );
  await source.query(`insert into people select i, nullif(i, 1) - 1, 'person' from generate_series(1, 50) i;
                      insert into tickets (id) select -i * 2 from generate_series(60, 80) i`);
  const { document } = await copy();
  await withDatabase(target.address, {}, async (db) => {
    const kept = (await readCatalog(db, SCHEMA)).tables.find(({ name }) => name === "kept");
    if (kept !== undefined) await inTransaction(db, {}, (tx) => keepPreserved(tx, document.runId ?? 0, SCHEMA, kept));
  });
});

const broken = async () =>
  (await withDatabase(target.address, { max: 1 }, (database) => runChecks(database, FILE)))
    .filter(({ count, error }) => count > 0 || error !== undefined)
    .map(({ name, failed, error }) => ({ name, failed, ...(error === undefined ? {} : { error }) }));

/** How the database comes to be wrong, and the one check that sees it. */
interface Breach {
  readonly check: string;
  readonly by: string | (() => Promise<unknown>);
}

const note = (action: string, before: string) =>
  `insert into migration_effects (run_id, table_name, row_id, action, before)
   select max(id), '"${SCHEMA}"."people"', '${action}', '${action}', '${before}' from migration_runs`;

const SEQUENCES = "the sequences of the copied tables are past their highest value";
const ORPHANS = "every row that a copied table refers to is there";
const KEYS = "foreign keys of the copied tables are validated";

const FAILURES: readonly Breach[] = [
  { check: "every table that rows were copied into is there", by: `drop table ${SCHEMA}.people` },
  { check: "every row that was put off has come", by: note("put off", '{"keys": [["7"]]}') },
  {
    check: "every index, foreign key and trigger that waited for the rows is made",
    by: note("make later", '{"kind": "index"}'),
  },
  {
    check: KEYS,
    by: `alter table ${SCHEMA}.people drop constraint boss, add foreign key ("Boss") references ${SCHEMA}.people not valid`,
  },
  {
    check: ORPHANS,
    by: `alter table ${SCHEMA}.people disable trigger all; delete from ${SCHEMA}.people where id = 7;
         alter table ${SCHEMA}.people enable trigger all`,
  },
  { check: SEQUENCES, by: `select setval('${SCHEMA}.people_id_seq', 49)` },
  { check: SEQUENCES, by: `select setval('${SCHEMA}.people_id_seq', 50, false)` },
  { check: SEQUENCES, by: `select setval('${SCHEMA}.down', -158)` },
  { check: SEQUENCES, by: `select setval('${SCHEMA}.tickets_at_seq', 3)` },
  { check: "every preserved table is there", by: `drop table ${SCHEMA}.kept` },
  { check: "no table is guarded while no run is at work", by: () => guard("kept") },
  {
    check: "items in quarantine",
    by: `insert into migration_errors (run_id, script, item_key, code, message)
         values (1, 'migrate-business-data', 'x', '23514', 'refused')`,
  },
];

const WARNINGS: readonly Breach[] = [
  { check: "preserved tables hold fewer rows than before", by: `delete from ${SCHEMA}.kept where id = 1` },
  {
    check: "rows that rollback.sql can't tell from others any more, as the database was restored from a dump",
    by: "update migration_effects set action = action",
  },
  {
    check: "a run that was stopped and can go on",
    by: `insert into migration_checkpoints (script, partition, cursor, run_id)
         values ('migrate-business-data', '', '{}', 1)`,
  },
];

const breakIt = ({ by }: Breach) => (typeof by === "string" ? target.query(by) : by());

testWithPsql("It holds after a run, and after its rollback, from Node and from psql", async () => {
  expect(await broken()).toEqual([]);
  expect(await psql(target.url, FILE)).toMatchObject({ exitCode: 0, stderr: "" });
  await rollBack(target, 10);
  expect(await broken()).toEqual([]);
  expect(await psql(target.url, FILE)).toMatchObject({ exitCode: 0, stderr: "" });
});

testWithPsql.each(FAILURES)("It fails: $check (case %#)", async (breach) => {
  await breakIt(breach);
  expect(await broken()).toEqual([{ name: breach.check, failed: true }]);
  const { exitCode, stderr } = await psql(target.url, FILE);
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining("ERROR:  batch 10 does not hold")]);
});

testWithPsql.each(WARNINGS)("It only warns: $check (case %#)", async (breach) => {
  await breakIt(breach);
  expect(await broken()).toEqual([{ name: breach.check, failed: false }]);
  expect(await psql(target.url, FILE)).toMatchObject({ exitCode: 0, stderr: "" });
});

test("A guard is right while a run is at work", async () => {
  await guard("kept");
  await withRunLock(target.address, "migrate-business-data", async () => {
    expect(await broken()).toEqual([]);
  });
});

test("Every check of the file is broken by one of these", async () => {
  const named = [...FAILURES, ...WARNINGS].map(({ check }) => check);
  expect((await readChecks(FILE)).map(({ name }) => name).sort()).toEqual([...new Set(named)].sort());
});
