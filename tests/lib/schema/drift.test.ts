/**
 * The migrations, schema.prisma and the list in catalog.json say the same. After a change to a migration.sql:
 *   UPDATE_CATALOG=1 npm test -- tests/lib/schema/drift
 * writes the list anew; its difference belongs into the same commit.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { migrationList, NO_FILTERS, withEngine } from "../../../scripts/lib/schema/engine.ts";
import { type Folder, listFolders } from "../../../scripts/lib/schema/folders.ts";
import { useDatabase } from "../../helpers/database.ts";
import { readCatalog } from "./catalog.ts";
import { folder } from "./folder.ts";

const SCHEMA = fileURLToPath(new URL("../../../prisma/schema.prisma", import.meta.url));
const LIST = fileURLToPath(new URL("./catalog.json", import.meta.url));

describe("Between the migrations and schema.prisma", () => {
  const db = useDatabase({ empty: true });

  /** What Prisma would do after these folders to reach schema.prisma, as SQL. */
  const difference = async (folders: readonly Folder[]) => {
    const content = await readFile(SCHEMA, "utf8");
    return withEngine(db.address, folders, async (engine) => {
      const { stdout } = await engine.diff({
        from: { tag: "migrations", ...migrationList(folders) },
        to: { tag: "schemaDatamodel", files: [{ path: "schema.prisma", content }] },
        script: true,
        exitCode: true,
        filters: NO_FILTERS,
      });
      return stdout?.trim();
    });
  };

  test("there is no difference", async () => {
    expect(await difference(await listFolders())).toBe("-- This is an empty migration.");
  });

  test("a column that only a migration has is one", async () => {
    const extra = folder("99990101_extra", 'alter table "Lead" add column extra text;');
    const sql = await difference([...(await listFolders()), extra]);
    expect(sql).toBe('-- AlterTable\nALTER TABLE "Lead" DROP COLUMN "extra";');
  });
});

describe("What schema.prisma can't say", () => {
  const db = useDatabase();

  test("is what catalog.json lists", async () => {
    const catalog = await readCatalog(db);
    if (process.env.UPDATE_CATALOG === "1") await writeFile(LIST, `${JSON.stringify(catalog, null, 2)}\n`);
    expect(catalog).toEqual(JSON.parse(await readFile(LIST, "utf8")));
  });

  test.each([
    ["an expression index", 'create index extra on "Lead" (lower(name))', "expressionAndPartialIndexes"],
    ["a partial index", 'create index extra on "Lead" (name) where name is not null', "expressionAndPartialIndexes"],
    ["a view", "create view extra as select 1 as one", "views"],
    ["a check", 'alter table "Lead" add constraint extra check (true)', "checks"],
    ["a function", "create function extra() returns int language sql as 'select 1'", "functions"],
    [
      "a trigger",
      'create trigger extra before update on "Lead" for each row execute function suppress_redundant_updates_trigger()',
      "triggers",
    ],
  ])("differs by %s that is added", async (_, sql, kind) => {
    const before = await readCatalog(db);
    await db.query(sql);
    const after = await readCatalog(db);
    const added = after[kind]?.filter((line) => !before[kind]?.includes(line));
    expect(added).toEqual([expect.stringContaining("extra")]);
    expect({ ...after, [kind]: before[kind] }).toEqual(before);
  });
});
