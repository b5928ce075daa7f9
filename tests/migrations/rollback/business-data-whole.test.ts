/** The whole of batch 10, as people run it, and its rollback. */
import { beforeEach, expect, test } from "@jest/globals";
import { countRows } from "../../helpers/crm.ts";
import { makePreserved, makeSalon } from "../../helpers/salon.ts";
import { startFile } from "../../helpers/script.ts";
import { guardsIn, LONG_MS, NAME, PRESERVE, SCHEMA, useMove } from "../migrate-business-data/bed.ts";
import { everythingIn } from "./business-data.ts";
import { psql, testWithPsql } from "./psql.ts";
import { fileOf, keptOf, rollBack } from "./rollback.ts";

const { source, target, run, behindPostgrest } = useMove();

let before: Record<string, unknown>;
beforeEach(async () => {
  await makeSalon(source);
  await makePreserved(target, SCHEMA);
  before = await everythingIn(target, SCHEMA);
});

const CHANGES = `
  update clients set name = 'Renamed', tags = '{"a,b",null,"c\\"d"}' where id in (select id from clients order by id limit 30);
  insert into clients (yclients_id, name, phone, company_id) select 900000 + i, 'New ' || i, '+7900' || i, min(company_id) from companies, generate_series(1, 4) i group by i;
  delete from messages where id in (select id from messages order by id limit 5)`;

testWithPsql(
  "All that its subcommands did is taken back by psql, and it can run again",
  async () => {
    const first = await run("--functions", ...PRESERVE);
    expect(first).toMatchObject({ exitCode: 0 });
    await source.query(CHANGES);
    const { document, exitCode } = await run("sync", "--delete-missing", ...PRESERVE);
    expect({ exitCode, ...document.stats }).toMatchObject({
      exitCode: 0,
      rowsInserted: 4,
      rowsUpdated: 30,
      rowsDeleted: 5,
    });
    expect(await psql(target.url, fileOf(10, "verify"))).toMatchObject({ exitCode: 0, stderr: "" });
    const rolledBack = await psql(target.url, fileOf(10, "rollback"));
    expect(rolledBack).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("(0 rows)") });
    expect(await everythingIn(target, SCHEMA)).toEqual(before);
    expect(await countRows(target, "Audit")).toBe(0);
    expect((await target.query("select distinct status from migration_runs")).rows).toEqual([
      { status: "rolled_back" },
    ]);
    expect(await run(...PRESERVE)).toMatchObject({ exitCode: 0 });
  },
  LONG_MS,
);

test.each(["page-stored:2", "page-committed:3", "stage-ended:2"])(
  "A run that was killed at %s is taken back, with its guards",
  async (fault) => {
    const killed = await startFile(`scripts/migrations/${NAME}.ts`, ["--target-schema", SCHEMA, ...PRESERVE], {
      url: target.url,
      env: { CRM_MIGRATIONS_FAULT: fault },
    }).ended;
    expect([killed.exitCode, (await guardsIn(target)).length]).toEqual([137, 5]);
    expect(keptOf(await rollBack(target, 10))).toEqual([]);
    expect(await everythingIn(target, SCHEMA)).toEqual(before);
  },
  LONG_MS,
);

test(
  "What came through PostgREST is taken back, too, and the tables that were there stay",
  async () => {
    await makeSalon(target, SCHEMA, { rows: false });
    before = await everythingIn(target, SCHEMA);
    await behindPostgrest();
    expect(await run(...PRESERVE)).toMatchObject({ exitCode: 0 });
    expect(keptOf(await rollBack(target, 10))).toEqual([]);
    expect(await everythingIn(target, SCHEMA)).toEqual(before);
  },
  LONG_MS,
);
