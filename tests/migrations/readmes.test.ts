/** Each folder's README lists the checks of its verify.sql, with what they find where all is well. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { type Check, readChecks } from "../../scripts/lib/checks.ts";
import { listFolders, MIGRATIONS } from "../../scripts/lib/schema/folders.ts";

const HEAD = "| check | finds | expected |\n|---|---|---|\n";
const TABLE = /^\| check \| finds \| expected \|\n\|---\|---\|---\|\n(?:\|.*\|\n)+/m;

const rowOf = ({ name, severity }: Check): string => `| ${name} | a ${severity} | no rows |\n`;
const tableOf = (checks: readonly Check[]): string => `${HEAD}${checks.map(rowOf).join("")}`;

const folders = await listFolders();

/** UPDATE_CHECKS=1 writes it anew, after a change of verify.sql. */
test.each(folders.map(({ name }) => name))("%s", async (name) => {
  const file = join(MIGRATIONS, name, "README.md");
  const page = await readFile(file, "utf8");
  const table = tableOf(await readChecks(join(MIGRATIONS, name, "verify.sql")));
  const anew = TABLE.test(page) ? page.replace(TABLE, table) : page.replace(/(?=^\*\*Rollback\.\*\*)/m, `${table}\n`);
  if (process.env.UPDATE_CHECKS === "1") await writeFile(file, anew);
  else expect(page).toBe(anew);
});
