/** What lies behind PostgREST is verified, and synced, by the bodies that it sends. */
import { expect, test } from "@jest/globals";
import { withDatabase } from "../../../../scripts/lib/db/database.ts";
import { readCatalog } from "../../../../scripts/lib/move/catalog.ts";
import type { PostgrestSource } from "../../../../scripts/lib/move/postgrest/source.ts";
import type { Verdict } from "../../../../scripts/lib/move/verify/verdict.ts";
import { verify } from "../../../../scripts/lib/move/verify/verify.ts";
import { useDatabase } from "../../../helpers/database.ts";
import { makeOdd, makeSalon } from "../../../helpers/salon.ts";
import { startService } from "../postgrest/service.ts";
import { runSync } from "../sync/sync-batch.ts";

const db = useDatabase();
const theirs = useDatabase({ empty: true });
const TARGET = "moved";

const run = (source: PostgrestSource, sourceSchema: string, { dry = false } = {}): Promise<Verdict> =>
  withDatabase(db.address, { readOnly: dry }, async (target) => {
    const [from, to] = [await source.catalog(), await readCatalog(target, TARGET)];
    return verify({
      source,
      sourceSchema,
      target,
      schema: TARGET,
      tables: from.tables.filter(({ name }) => to.tables.some((table) => table.name === name)), // views stay behind
      sourceCatalog: from,
      targetCatalog: to,
      preserved: [],
      preservedBy: null,
      guarded: true,
      tryInserts: !dry,
      list: 10,
      workers: 2,
      signal: new AbortController().signal,
    });
  });

const problemsOf = ({ tables }: Verdict) =>
  tables.flatMap(({ table, problems, listed }) => [
    ...problems.map((problem) => `${table}: ${problem}`),
    ...listed.map(({ kind, key, columns }) => `${table}: ${kind} ${key.join(",")} ${columns.join(",")}`),
  ]);

test("Every odd value is equal to its copy, and damage is named", async () => {
  await makeOdd(theirs, "odd");
  await makeOdd(db, TARGET);
  const { open } = await startService(theirs, { schema: "odd", maxRows: 50 });
  const source = await open();
  expect(problemsOf(await run(source, "odd"))).toEqual([]);
  await db.query(`update ${TARGET}."every type" set tight = 'null' where id = 2;
                  update ${TARGET}."every type" set loose = '{"b":1, "a":2,"b":3}' where id = 9007199254740993;
                  delete from ${TARGET}.numeric_keys where amount = 'NaN'`);
  expect(problemsOf(await run(source, "odd")).sort()).toEqual([
    "every type: changed 2 tight",
    "every type: changed 9007199254740993 loose",
    "numeric_keys: missing NaN ",
  ]);
});

test("A dry run verifies all but an insert", async () => {
  await makeSalon(theirs);
  await makeSalon(db, TARGET);
  const { open } = await startService(theirs, { maxRows: 100 });
  const verdict = await run(await open(), "public", { dry: true });
  expect(problemsOf(verdict)).toEqual([]);
  expect(verdict.tables[0]?.information).toEqual(["no insert was tried: this is a dry run"]);
});

test("A sync brings over what has changed since", async () => {
  await makeSalon(theirs);
  await makeSalon(db, TARGET);
  const { open } = await startService(theirs, { maxRows: 100 });
  await theirs.query(`update clients set name = 'Renamed' where id in (select id from clients order by id limit 120);
                      delete from messages where id in (select id from messages limit 2)`);
  const other = { source: await open(), schema: "public" };
  const route = { source: theirs, target: db, schema: TARGET, deleteMissing: true };
  const { document, exitCode } = await runSync({ ...route, other, since: "2026-01-01" });
  expect({ exitCode, ...document.stats }).toMatchObject({ exitCode: 0, rowsUpdated: 120, rowsDeleted: 2 });
  expect(problemsOf(await run(await open(), "public"))).toEqual([]);
});
