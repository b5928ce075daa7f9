import { chmod, mkdir, readdir, readFile, readlink, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { completeBinaries, copyBinaries, findBinaries } from "../../../scripts/lib/embedded/binaries.ts";
import { UserError } from "../../../scripts/lib/errors.ts";
import { clear, makeFolder } from "./server-test-bed.ts";

afterEach(clear);

/** A package as npm unpacks it with `--ignore-scripts`. */
async function makeNative(): Promise<string> {
  const native = join(await makeFolder(), "native");
  await mkdir(join(native, "lib"), { recursive: true });
  await mkdir(join(native, "bin"));
  await writeFile(join(native, "lib/libpq.so.5.18"), "library");
  await writeFile(join(native, "bin/postgres"), "program", { mode: 0o644 });
  const links = [
    { source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so" },
    { source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5" },
  ];
  await writeFile(join(native, "pg-symlinks.json"), JSON.stringify(links));
  return native;
}

test("links that npm did not make are made, also by two scripts at once, and programs can be run", async () => {
  const native = await makeNative();
  await Promise.all([completeBinaries(native), completeBinaries(native)]);
  await completeBinaries(native);
  expect(await readlink(join(native, "lib/libpq.so.5"))).toBe("libpq.so.5.18");
  expect(await readFile(join(native, "lib/libpq.so"), "utf8")).toBe("library");
  expect((await stat(join(native, "bin/postgres"))).mode & 0o777).toBe(0o755);
});

test("a copy is made once, with links that hold in it, also by two scripts at once", async () => {
  const native = await makeNative();
  await completeBinaries(native);
  const folder = await makeFolder();
  const copy = join(folder, "native-18");
  await Promise.all([copyBinaries(native, copy), copyBinaries(native, copy)]);
  await copyBinaries(native, copy);
  expect(await readdir(folder)).toEqual(["native-18"]);
  expect(await readlink(join(copy, "lib/libpq.so"))).toBe("libpq.so.5.18");
  await chmod(native, 0o700);
  expect(await readFile(join(copy, "lib/libpq.so"), "utf8")).toBe("library");
});

test("a platform without programs is named, with what to do instead", async () => {
  const error = await findBinaries("sunos", "x64").catch((error) => error);
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).toBe(
    "there is no PostgreSQL for sunos-x64 in node_modules: run npm install, or set DATABASE_URL",
  );
});

test("the package's version says which PostgreSQL it is", async () => {
  const { version, major } = await findBinaries();
  expect(version).toMatch(/^18\./);
  expect(major).toBe("18");
});
