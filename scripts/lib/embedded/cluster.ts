/** The data folder: made once, whole or not at all; checked before each start. */
import { appendFile, chown, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { may } from "./account.ts";
import { run } from "./command.ts";
import { exists, shown } from "./files.ts";
import type { Place } from "./place.ts";

const DRAFT = "postgres.new-";

/** PostgreSQL's own C.UTF-8 is the same on every system, whatever LANG says and whichever locales it has. */
const INITDB = [
  "--username=postgres",
  "--auth=trust",
  "--encoding=UTF8",
  "--locale=C",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--text-search-config=english",
];

/** Makes the data folder; `durable` means that it survives a loss of power. */
export async function makeCluster({ home, data, settings, binaries, account }: Place, durable: boolean): Promise<void> {
  await removeDrafts(home);
  const draft = await mkdtemp(join(home, DRAFT));
  if (account) await chown(draft, account.uid, account.gid);
  const args = [...INITDB, ...(durable ? [] : ["--no-sync"]), "-D", draft];
  const { code, output } = await run(join(binaries.folder, "bin/initdb"), args, account);
  if (code !== 0) {
    await rm(draft, { recursive: true, force: true });
    throw new UserError(`PostgreSQL's initdb failed: ${lastWords(output)}`);
  }
  // A relative path, from inside the data folder: the project may be moved.
  await appendFile(join(draft, "postgresql.conf"), `\ninclude = '../${settings.slice(home.length + 1)}'\n`);
  await rename(draft, data);
}

/** Of scripts killed amidst initdb; one that still runs stops by itself when its files are gone. */
async function removeDrafts(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (name.startsWith(DRAFT)) await rm(join(home, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Throws a UserError where there is a data folder that can't be used. */
export async function checkCluster({ data, binaries, account }: Place): Promise<void> {
  if (!(await exists(data))) return;
  const file = join(data, "PG_VERSION");
  if (!(await may(account, "rx", data)) || !(await may(account, "r", file))) {
    throw new UserError(
      `${account ? `user ${account.name}` : "this user"} can't read PostgreSQL's data in ${shown(data)}: ` +
        "change its owner, or move it away to begin with an empty one",
    );
  }
  const version = (await readFile(file, "utf8")).trim();
  if (version === binaries.major) return;
  throw new UserError(
    `the data in ${shown(data)} is of PostgreSQL ${version}, and this is PostgreSQL ${binaries.major}: ` +
      "move it away to begin with an empty one",
  );
}

/** The end of what a program said, in one line. */
export function lastWords(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return lines
    .slice(-3)
    .map((line) => line.trim())
    .join(" | ");
}
