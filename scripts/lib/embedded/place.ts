/** Decides where the server's data and programs are, and as whom it runs. */
import { createHash } from "node:crypto";
import { access, chmod, constants, lstat, mkdir, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { messageOf, UserError } from "../errors.ts";
import { accountFor, may } from "./account.ts";
import { type Binaries, completeBinaries, copyBinaries, findBinaries } from "./binaries.ts";
import type { Account } from "./command.ts";
import { exists, shown } from "./files.ts";

const FOR_ALL = 0o755; // whatever the umask: the server's account goes through it
const WRITABLE_BY_OTHERS = 0o022;

export interface Place {
  /** Holds everything of the server's; exists. */
  readonly home: string;
  /** PostgreSQL's data folder; need not exist yet. */
  readonly data: string;
  readonly log: string;
  readonly settings: string;
  readonly port: string;
  /** Locked while the server is made, started or stopped. */
  readonly lock: string;
  /** Locked, each for itself, by all who use the server. */
  readonly users: string;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  /** Says where things are, if not where one would look for them. */
  readonly notice: string | undefined;
}

/** Settles a server's place; programs are copied where its account can't reach them. */
export async function findPlace(wanted: string): Promise<Place> {
  const found = await findBinaries();
  const account = await accountFor(join(wanted, "postgres"));
  const stays = await staysHome(account, wanted);
  const home = stays ? wanted : await temporaryHome(account, wanted);
  await makeHome(home, account !== undefined);
  const binaries = await reachableBinaries(account, found);
  const moved = [!stays && `its data is in ${home}`, binaries !== found && `its programs are in ${binaries.folder}`];
  const where = moved.filter(Boolean).join(" and ");
  return {
    home,
    data: join(home, "postgres"),
    log: join(home, "server.log"),
    settings: join(home, "server.conf"),
    port: join(home, "port"),
    lock: join(home, "lock"),
    users: join(home, "users.lock"),
    binaries,
    account,
    notice: where && `PostgreSQL runs as user ${account?.name}, who can't reach ${shown(wanted)}: ${where}`,
  };
}

/** Data that is there is never left behind; otherwise what counts is whether the account gets to the folder. */
async function staysHome(account: Account | undefined, home: string): Promise<boolean> {
  if (!account || (await exists(join(home, "postgres")))) return true;
  let folder = home;
  while (!(await exists(folder))) folder = dirname(folder);
  return may(account, "x", folder);
}

async function makeHome(home: string, asRoot: boolean): Promise<void> {
  const first = await mkdir(home, { recursive: true }).catch((error) => {
    throw new UserError(`the folder for PostgreSQL could not be made (${messageOf(error)}): set DATABASE_URL instead`);
  });
  if (!asRoot) await checkOurs(home);
  if (!first || !asRoot) return;
  for (let folder = home; folder.length >= first.length; folder = dirname(folder)) await chmod(folder, FOR_ALL);
}

/** A folder that another user's run has made would fail later, in ways that are harder to read. */
async function checkOurs(home: string): Promise<void> {
  const files = (await readdir(home)).filter((name) => name !== "postgres").map((name) => join(home, name));
  for (const path of [home, ...files]) {
    await access(path, constants.W_OK).catch(() => {
      throw new UserError(
        `this user can't write to ${shown(path)}: change the owner of ${shown(home)}, or set DATABASE_URL`,
      );
    });
  }
}

async function reachableBinaries(account: Account | undefined, found: Binaries): Promise<Binaries> {
  if (!account || (await may(account, "r", join(found.folder, "share/postgresql/postgres.bki")))) {
    await completeBinaries(found.folder);
    return found;
  }
  const folder = join(await temporaryHome(account, found.folder), `native-${found.version}`);
  await completeBinaries(found.folder);
  await copyBinaries(found.folder, folder);
  return { ...found, folder };
}

/** A folder in the temporary directory that follows from the path it stands for, so that it is found again. */
async function temporaryHome(account: Account | undefined, path: string): Promise<string> {
  const name = `crm-migrations-${createHash("sha256").update(path).digest("hex").slice(0, 12)}`;
  for (const folder of [tmpdir(), "/tmp", "/var/tmp"]) {
    if (!(await may(account, "x", folder))) continue;
    const home = join(folder, name);
    await makeHome(home, true);
    const { uid, mode } = await lstat(home);
    if (uid === process.getuid?.() && (mode & WRITABLE_BY_OTHERS) === 0) return home;
    throw new UserError(`${home} belongs to somebody else, or others can write to it: remove it`);
  }
  throw new UserError(`user ${account?.name} can't reach the temporary directory: set TMPDIR, or set DATABASE_URL`);
}
