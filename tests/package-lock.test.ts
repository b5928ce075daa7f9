import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";

interface Entry {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

test("the lock file names every platform's packages, or npm ci refuses it", async () => {
  const text = await readFile(new URL("../package-lock.json", import.meta.url), "utf8");
  const { packages } = JSON.parse(text) as { packages: Record<string, Entry> };
  const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${place}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
  expect(text).not.toContain('"resolved"');
});
