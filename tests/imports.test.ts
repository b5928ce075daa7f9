/** Imports point one way: scripts → what drives and what reads → the database → types. Nothing imports in a circle. */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const SCRIPTS = fileURLToPath(new URL("../scripts", import.meta.url));
const IMPORT = /(?:\bfrom|\bimport\()\s*"(\.[^"]+\.ts)"/g;

/** By file, the files that it imports; paths from `scripts/`. */
type Imports = ReadonlyMap<string, readonly string[]>;

/** What may be imported by files whose path begins so: paths that begin so. The first rule that fits a file holds. */
const RULES: readonly (readonly [files: string, mayImport: readonly string[]])[] = [
  ["migrations/", ["lib/", "migrations/"]],
  [
    "lib/sources/",
    ["lib/sources/", "lib/http/", "lib/db/", "lib/cli/values.ts", "lib/classify/classifier.ts"].concat(
      ["task", "page", "thread", "errors", "sql-file", "stretches", "storable"].map((name) => `lib/${name}.ts`),
    ),
  ],
  [
    "lib/sinks/",
    ["lib/sinks/", "lib/db/"].concat(
      ["task", "thread", "item-key", "deterministic-id", "sql-file", "stretches", "storable", "counts"].map(
        (name) => `lib/${name}.ts`,
      ),
    ),
  ],
  [
    "lib/journal/",
    ["lib/journal/", "lib/db/"].concat(
      ["task", "item-key", "storable", "errors", "batches"].map((name) => `lib/${name}.ts`),
    ),
  ],
  [
    "lib/health/",
    ["lib/health/", "lib/db/", "lib/cli/values.ts", "lib/errors.ts", "lib/report/format.ts", "lib/sql-file.ts"],
  ],
  ["lib/classify/", ["lib/classify/", "lib/http/", "lib/errors.ts", "lib/report/redact.ts", "lib/storable.ts"]],
  [
    "lib/http/",
    ["lib/http/", "lib/errors.ts", "lib/page.ts", "lib/report/redact.ts", "lib/cli/values.ts", "lib/stretches.ts"],
  ],
  ["lib/db/", ["lib/db/", "lib/errors.ts", "lib/report/redact.ts", "../prisma/client/"]],
  [
    "lib/engine/",
    ["engine", "db", "health", "journal", "report"]
      .map((folder) => `lib/${folder}/`)
      .concat("lib/resume.ts", "lib/task.ts", "lib/item-key.ts", "lib/errors.ts", "lib/interrupts.ts"),
  ],
  ["lib/embedded/", ["lib/embedded/", "lib/errors.ts"]],
  ["lib/bench/move/postgrest.ts", ["lib/", "../tests/helpers/stand-ins/"]],
  ["lib/demo/services.ts", ["lib/", "../tests/helpers/stand-ins/"]],
  ["lib/demo/", ["lib/", "../prisma/client/"]],
  ["lib/report/redact.ts", []],
  ["lib/errors.ts", []],
  ["lib/batches.ts", []],
  ["lib/page.ts", []],
  ["lib/stretches.ts", []],
  ["lib/storable.ts", []],
  ["lib/counts.ts", []],
  ["lib/item-key.ts", ["lib/storable.ts"]],
  ["lib/context.ts", ["lib/page.ts", "lib/db/database.ts"]],
  ["lib/telling.ts", []],
  ["lib/task.ts", ["lib/context.ts", "lib/page.ts", "lib/telling.ts", "lib/db/database.ts"]],
  ["lib/thread.ts", ["lib/page.ts", "lib/item-key.ts"]],
  ["lib/collect.ts", ["lib/page.ts", "lib/task.ts", "lib/thread.ts"]],
  ["lib/", ["lib/"]],
  ["", ["lib/", "migrations/"]],
];

async function readImports(): Promise<Imports> {
  const files = (await readdir(SCRIPTS, { recursive: true })).filter((file) => /(?<!\.d)\.ts$/.test(file));
  return new Map(await Promise.all(files.map(async (file) => [file, await importsOf(file)] as const)));
}

async function importsOf(file: string): Promise<string[]> {
  const text = await readFile(join(SCRIPTS, file), "utf8");
  return [...text.matchAll(IMPORT)].map(([, to = ""]) => relative(SCRIPTS, join(SCRIPTS, dirname(file), to)));
}

const trespasses = (imports: Imports): string[] =>
  [...imports].flatMap(([file, targets]) => {
    const [, allowed = []] = RULES.find(([files]) => file.startsWith(files)) ?? [];
    return targets.filter((target) => !allowed.some((path) => target.startsWith(path))).map((to) => `${file} → ${to}`);
  });

/** The files of a circle, or nothing. */
function circleIn(imports: Imports): string[] {
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const target of imports.get(file) ?? []) {
      const circle = walk(target, [...path, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const circle = walk(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

test("No file imports what lies above it", async () => {
  const imports = await readImports();
  expect(imports.get("lib/run.ts")).toContain("lib/engine/work.ts");
  expect(trespasses(imports)).toEqual([]);
});

test("No imports go in a circle", async () => {
  expect(circleIn(await readImports())).toEqual([]);
});

test("An import that points up, and a circle, are found", () => {
  const up = new Map([["lib/sources/a.ts", ["lib/run.ts"]]]);
  expect(trespasses(up)).toEqual(["lib/sources/a.ts → lib/run.ts"]);
  const circle = new Map([
    ["a.ts", ["b.ts"]],
    ["b.ts", ["c.ts"]],
    ["c.ts", ["b.ts"]],
  ]);
  expect(circleIn(circle)).toEqual(["b.ts", "c.ts", "b.ts"]);
});
