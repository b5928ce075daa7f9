/** One name goes through script, folder, lock, checkpoint, Audit row and README: here it is held together. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { actionOf, BATCHES, type BatchEntry } from "../scripts/lib/batches.ts";
import { type AnyScript, isComposite } from "../scripts/lib/composite.ts";
import { withRunLock } from "../scripts/lib/db/lock.ts";
import { MustWait } from "../scripts/lib/errors.ts";
import { listFolders, MIGRATIONS } from "../scripts/lib/schema/folders.ts";
import { runSqlScript } from "../scripts/lib/sql-script.ts";
import { useDatabase } from "./helpers/database.ts";
import { runInProcess } from "./helpers/script.ts";
import { batchOfScript, helpOf, optionsOf } from "./helpers/scripts.ts";
import { startUmnico, type Umnico } from "./helpers/stand-ins/umnico.ts";

const SCRIPTS = fileURLToPath(new URL("../scripts/migrations", import.meta.url));
const FILES = ["migration.sql", "rollback.sql", "verify.sql", "README.md"];

/** Options that no README of a folder repeats. */
const COMMON = "dry-run verbose json limit restart retry-errors max-errors help version".split(" ");
/** Those that the batches have which several workers can share: the main README explains them. */
const ENGINE =
  "workers target-ms lock-timeout statement-timeout max-lag max-slot-wal max-transaction-age max-waiting min-connections max-wait no-gate".split(
    " ",
  );
const isShared = (batch: AnyScript): boolean =>
  isComposite(batch) || (batch.pages !== undefined && batch.divide !== undefined);
const isData = (batch: AnyScript): boolean => isComposite(batch) || batch.pages !== undefined;

/** What a script asks for before it finds that there is nothing to do. */
Object.assign(process.env, { FRESHCHAT_TOKEN: "a token", FRESHCHAT_DOMAIN: "acme" });

/** A batch that moves a database is given one: its own. */
const ARGS: Readonly<Record<string, readonly string[]>> = {
  "migrate-business-data": ["--source-schema", "theirs", "--target-schema", "ours"],
};

const each = BATCHES.map((entry) => [entry.name, entry] as const);
const read = (folder: string, file: string): Promise<string> => readFile(join(MIGRATIONS, folder, file), "utf8");
const lastFolder = ({ folders }: BatchEntry): string => folders.at(-1) ?? "";

/** The words in backticks of the paragraph that begins so. */
function wordsAfter(heading: string, page: string): string[] {
  const start = page.indexOf(`\n${heading}`);
  if (start < 0) return [];
  const paragraph = page.slice(start + 1).split("\n\n")[0] ?? "";
  return [...new Set([...paragraph.matchAll(/`([\w-]+)`/g)].map(([, word = ""]) => word))];
}

const ownOptions = async (batch: AnyScript): Promise<string[]> =>
  optionsOf(await helpOf(batch)).filter(
    (option) => !COMMON.includes(option) && !(isShared(batch) && ENGINE.includes(option)),
  );

test("Batches are numbered in the order in which Prisma applies their folders", async () => {
  const numbers = BATCHES.map(({ number }) => number);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  expect(BATCHES.flatMap(({ folders }) => folders)).toEqual((await listFolders()).map(({ name }) => name));
});

test("Every script is a batch, and every batch has its script", async () => {
  const files = (await readdir(SCRIPTS)).filter((file) => file.endsWith(".ts")).sort();
  expect(files).toEqual(BATCHES.map(({ name }) => `${name}.ts`).sort());
});

describe.each(each)("%s", (_, entry) => {
  const { number, name, kind, folders } = entry;
  test("is the batch that its script declares, and its last folder carries its name", async () => {
    const batch = await batchOfScript(entry);
    expect(batch).toMatchObject({ number, name });
    expect(isData(batch) ? "data" : "schema").toBe(kind);
    expect(lastFolder(entry)).toMatch(new RegExp(`^\\d{8}_${actionOf(name)}$`));
  });

  test("has every file of its folders", () => {
    const missing = folders.flatMap((folder) => FILES.filter((file) => !existsSync(join(MIGRATIONS, folder, file))));
    expect(missing).toEqual([]);
  });

  test("answers --help with its number, its command and its options", async () => {
    const batch = await batchOfScript(entry);
    const help = await helpOf(batch);
    expect(help).toContain(`npx tsx scripts/migrations/${name}.ts [options]`);
    expect(help).toContain(`Batch ${number}: ${batch.title}`);
    for (const option of [...COMMON, ...(isShared(batch) ? ENGINE : []), ...Object.keys(batch.options ?? {})])
      expect(optionsOf(help)).toContain(option);
  });

  test("is named by number and name where its rollback.sql and verify.sql begin", async () => {
    for (const file of ["rollback.sql", "verify.sql"])
      expect(await read(lastFolder(entry), file)).toContain(`batch ${number}, ${name}`);
  });

  test("counts what its README says, and has the options that its README names", async () => {
    const batch = await batchOfScript(entry);
    const page = await read(lastFolder(entry), "README.md");
    const counts = [...Object.keys(batch.labels), "errors", ...batch.skips];
    expect(wordsAfter("**Counts.**", page).sort()).toEqual(counts.sort());
    const named = wordsAfter("**Options**", page).map((option) => option.replace(/^--/, ""));
    expect(named.sort()).toEqual((await ownOptions(batch)).sort());
  });
});

describe.each(each)("The names of %s in a database", (_, entry) => {
  const { number, name, folders } = entry;
  const db = useDatabase();
  let umnico: Umnico;
  beforeAll(async () => {
    umnico = await startUmnico();
    process.env.PLAYWRIGHT_UMNICO_URL = umnico.url;
  });
  afterAll(() => umnico.close());
  const rollBack = (folder: string) => runSqlScript(db.address, join(MIGRATIONS, folder, "rollback.sql"));
  const audits = async () =>
    (await db.query(`select distinct actor, action, payload ->> 'version' as version from "Audit"`)).rows;

  test("are those of its run and its Audit row, and the ones that its rollback takes back", async () => {
    await db.query("create schema theirs; create table theirs.things (id int primary key)");
    process.env.SOURCE_DATABASE_URL = db.url;
    const { exitCode } = await runInProcess(await batchOfScript(entry), db, ARGS[name]);
    expect(exitCode).toBe(0);
    expect((await db.query("select distinct batch, script from migration_runs")).rows).toEqual([
      { batch: number, script: name },
    ]);
    expect(await audits()).toEqual([{ actor: "system", action: actionOf(name), version: `batch-${number}` }]);
    await rollBack(lastFolder(entry));
    expect(await audits()).toEqual([]);
  });

  test("are those of the lock under which its rollback is refused", async () => {
    await withRunLock(db.address, name, async () => {
      for (const folder of folders) await expect(rollBack(folder)).rejects.toThrow(MustWait);
    });
  });
});

test("A README is read by its paragraphs", () => {
  const page = "# T\n\n**Counts.** `a`,\n`b`.\n\n**Options** of its own: `--c-d`.\n\n`e`";
  expect([wordsAfter("**Counts.**", page), wordsAfter("**Options**", page)]).toEqual([["a", "b"], ["--c-d"]]);
});
