import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readChecks, runChecks } from "../../scripts/lib/checks.ts";
import { withDatabase } from "../../scripts/lib/db/database.ts";
import { useDatabase } from "../helpers/database.ts";

const db = useDatabase({ empty: true });
let path: string;

beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), "crm-checks-")), "verify.sql");
});

afterEach(() => rm(join(path, ".."), { recursive: true }));

const run = async (sql: string, sample?: number) => {
  await writeFile(path, sql);
  return withDatabase(db.address, {}, (database) => runChecks(database, path, sample === undefined ? {} : { sample }));
};

const VERIFY = `\\set ON_ERROR_STOP on

-- check: numbers in order (failure)
select n, n * 2 as twice
  from generate_series(1, 7) n -- all of them
 order by n;

-- check: odd_names (warning)
with names as (select 'a; (b)' as name)
select name from names;

-- check: nothing wrong (failure)
select 1 where false;

do $$ begin raise exception 'a failure has rows'; end $$;
`;

test("A verify.sql is read as its checks: name, severity, one select each", async () => {
  await writeFile(path, VERIFY);
  expect(await readChecks(path)).toEqual([
    {
      name: "numbers in order",
      severity: "failure",
      before: [],
      select: expect.stringMatching(/^select n[\s\S]*order by n$/),
    },
    { name: "odd_names", severity: "warning", before: [], select: expect.stringContaining("'a; (b)'") },
    { name: "nothing wrong", severity: "failure", before: [], select: "select 1 where false" },
  ]);
});

test("Each check counts all that is wrong and shows the first of it", async () => {
  expect(await run(VERIFY, 2)).toEqual([
    {
      name: "numbers in order",
      severity: "failure",
      count: 7,
      rows: [
        { n: 1, twice: 2 },
        { n: 2, twice: 4 },
      ],
      failed: true,
    },
    { name: "odd_names", severity: "warning", count: 1, rows: [{ name: "a; (b)" }], failed: false },
    { name: "nothing wrong", severity: "failure", count: 0, rows: [], failed: false },
  ]);
});

test("A check that could not run has failed, and the next one still runs", async () => {
  const [broken, next] = await run(
    "-- check: broken (warning)\nselect from not_there;\n-- check: next (failure)\nselect 1 where false;",
  );
  expect(broken).toMatchObject({ failed: true, error: 'relation "not_there" does not exist (SQLSTATE 42P01)' });
  expect(next).toMatchObject({ failed: false });
});

test("A check can't write", async () => {
  await db.query("create sequence numbers");
  const [check] = await run("-- check: writes (failure)\nselect nextval('numbers');");
  expect(check).toMatchObject({ failed: true, error: expect.stringContaining("read-only transaction") });
});

test("A do block before the select finds out what it needs, in the same transaction, and can't write either", async () => {
  const block = (work: string) => `do $$ begin ${work}; end $$;`;
  const [told, broken, after] = await run(
    `-- check: told (failure)
     ${block("perform set_config('verify.found', 'a;b', true)")}
     select current_setting('verify.found') as found;
-- check: broken (warning)
     ${block("create table made ()")}
     select 1;
-- check: after (failure)
     select 1 where coalesce(current_setting('verify.found', true), '') <> '';
     ${block("raise exception 'the final block is no check'")}`,
  );
  expect(told).toMatchObject({ count: 1, rows: [{ found: "a;b" }], failed: true });
  expect(broken).toMatchObject({ failed: true, error: expect.stringContaining("read-only transaction") });
  expect(after).toMatchObject({ count: 0, failed: false });
});

test("A check that takes too long has failed, and settings are there for each", async () => {
  await writeFile(
    path,
    `-- check: slow (warning)
     select pg_sleep(20);
-- check: set (failure)
     select 1 where current_setting('backfill.actors') <> 'tool';`,
  );
  const options = { statementTimeoutMs: 300, settings: { "backfill.actors": "tool" } };
  const [slow, set] = await withDatabase(db.address, {}, (database) => runChecks(database, path, options));
  expect(slow).toMatchObject({ failed: true, error: expect.stringContaining("statement timeout") });
  expect(set).toMatchObject({ failed: false, count: 0 });
});

test("An interrupt keeps the next check from beginning", async () => {
  await writeFile(path, "-- check: any (failure)\nselect 1;");
  const signal = AbortSignal.abort(new Error("interrupted"));
  await expect(withDatabase(db.address, {}, (database) => runChecks(database, path, { signal }))).rejects.toThrow(
    "interrupted",
  );
});

test.each([
  "-- check: no severity\nselect 1;",
  "-- check: a (error)\nselect 1;",
  "-- check: a (failure)\ndelete from b;",
  "-- check: a (failure)\ndelete from b; select 1;",
  "-- check: a (failure)\ndo $$ begin end $$;",
])("A check that is not well formed is an error: %j", async (sql) => {
  await expect(run(sql)).rejects.toThrow('is not "-- check: name (failure|warning)" before a select');
});
