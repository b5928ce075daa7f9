/** psql includes no files: rollback.sql of batch 10 holds the text of those that the move's own code stands beside. */
import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { readSql } from "../../../scripts/lib/sql-file.ts";
import { fileOf } from "./rollback.ts";

const FILE = fileOf(10, "rollback");
/** A heading that names a file, up to the next one. */
const PART = /(?<=\n)(-- \d+\. [^\n]+ \((scripts\/[^\n]+\.sql)\)\.\n)[\s\S]*?\n\n(?=-- \d+\. )/g;

const textOf = (path: string): string => readSql(new URL(`../../../${path}`, import.meta.url)).replace(/(?<!;)$/, ";");

/** UPDATE_ROLLBACK=1 writes it anew, after a change to one of the files. */
test("It holds their text as it is", async () => {
  const text = await readFile(FILE, "utf8");
  const anew = text.replace(PART, (_, heading: string, path: string) => `${heading}${textOf(path)}\n\n`);
  if (process.env.UPDATE_ROLLBACK === "1") await writeFile(FILE, anew);
  else expect(text).toBe(anew);
  expect([...anew.matchAll(PART)].map(([, , path]) => path?.replace("scripts/lib/move/", ""))).toEqual([
    "preserve/release.sql",
    "copy/noted.sql",
    "sync/restore.sql",
    "copy/take-back.sql",
    "sync/restored.sql",
    "made/unmake.sql",
  ]);
});
