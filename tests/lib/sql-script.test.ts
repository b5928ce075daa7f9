import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { MustWait, RunFailed } from "../../scripts/lib/errors.ts";
import { runSqlScript, type ScriptOptions } from "../../scripts/lib/sql-script.ts";
import { useDatabase } from "../helpers/database.ts";

const db = useDatabase({ empty: true });
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "crm-script-"));
});

afterEach(() => rm(folder, { recursive: true }));

const run = async (sql: string, options?: ScriptOptions) => {
  const path = join(folder, "rollback.sql");
  await writeFile(path, sql);
  return runSqlScript(db.address, path, options);
};

test("A script runs as psql runs it: its commands are skipped, its selects answered, its notices told", async () => {
  const told: string[] = [];
  const result = await run(
    `\\set ON_ERROR_STOP on
     begin;
     create table kept (id int);
     insert into kept values (1), (2);
     do $$ begin raise notice 'two; rows'; end $$;
     select id from kept order by id;
     commit;
     select 'done' as state;`,
    { onNotice: (line) => told.push(line) },
  );
  expect(result).toEqual({ resultSets: [[{ id: 1 }, { id: 2 }], [{ state: "done" }]], notices: ["two; rows"] });
  expect(told).toEqual(["two; rows"]);
});

test("Settings are there before the first statement", async () => {
  const { resultSets } = await run("select current_setting('backfill.run_id') as run;", {
    settings: { "backfill.run_id": "12" },
  });
  expect(resultSets).toEqual([[{ run: "12" }]]);
});

test("A script that fails undoes its transaction, and is reported with file, line and SQLSTATE", async () => {
  const attempt = run("\\set ON_ERROR_STOP on\nbegin;\ncreate table kept ();\nselect nothing;\ncommit;");
  await expect(attempt).rejects.toThrow(RunFailed);
  await expect(attempt).rejects.toThrow(/rollback\.sql:4: column "nothing" does not exist \(SQLSTATE 42703\)$/);
  expect((await db.query("select to_regclass('kept') as kept")).rows).toEqual([{ kept: null }]);
});

test("A script that refuses because a run holds the lock asks to wait", async () => {
  const refusal = "do $$ begin raise exception 'run 12 is going on' using errcode = 'lock_not_available'; end $$;";
  await expect(run(refusal)).rejects.toThrow(MustWait);
});

test("An interrupt cancels the script, and its transaction is undone", async () => {
  const interrupt = new AbortController();
  const reason = new Error("interrupted");
  const attempt = run("begin; create table kept (); do $$ begin raise notice 'began'; end $$; select pg_sleep(30);", {
    signal: interrupt.signal,
    onNotice: () => interrupt.abort(reason),
  });
  await expect(attempt).rejects.toBe(reason);
  expect((await db.query("select to_regclass('kept') as kept")).rows).toEqual([{ kept: null }]);
});
