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
    { name: "numbers in order", severity: "failure", select: expect.stringMatching(/^select n[\s\S]*order by n$/) },
    { name: "odd_names", severity: "warning", select: expect.stringContaining("'a; (b)'") },
    { name: "nothing wrong", severity: "failure", select: "select 1 where false" },
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

test.each([
  "-- check: no severity\nselect 1;",
  "-- check: a (error)\nselect 1;",
  "-- check: a (failure)\ndelete from b;",
])("A check that is not well formed is an error: %j", async (sql) => {
  await expect(run(sql)).rejects.toThrow('is not "-- check: name (failure|warning)" before a select');
});
