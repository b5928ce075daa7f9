/** A PostgreSQL that this system's packages have brought, for measuring: what people set a move against are its version's tools. */
import { appendFile, chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountFor } from "../../embedded/account.ts";
import { lastWords } from "../../embedded/cluster.ts";
import { type Account, run } from "../../embedded/command.ts";
import { absent, exists } from "../../embedded/files.ts";
import { choosePort } from "../../embedded/port.ts";
import { RunFailed } from "../../errors.ts";
import { type OwnServer, serverAt, withOwnServer } from "../../own-database.ts";

/** Where Debian keeps each version's programs. */
const PACKAGES = "/usr/lib/postgresql";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const INTERRUPTED = 130;

/** As the embedded server has it, where that decides how fast rows are written. */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  shared_buffers: "512MB",
  max_wal_size: "4GB",
  timezone: "UTC",
  log_timezone: "UTC",
};

/** Does the work with the newest server of this system, on data of its own; where there is none, as other benchmarks do. */
export async function withSystemServer<T>(
  purpose: string,
  say: (line: string) => void,
  work: (server: OwnServer) => Promise<T>,
  packages = PACKAGES,
): Promise<T> {
  if ((process.env.TEST_DATABASE_URL ?? "") !== "") return withOwnServer(purpose, say, work);
  const programs = await findPrograms(packages);
  if (programs === undefined) {
    say(`There is no PostgreSQL in ${packages}: measured on the one that comes along.`);
    return withOwnServer(purpose, say, work);
  }
  const home = await mkdtemp(join(tmpdir(), `${purpose}-`));
  const account = await accountFor(join(home, "data"));
  if (account) await chown(home, account.uid, account.gid);
  const stop = () => run(join(programs, "pg_ctl"), ["stop", "-w", "-m", "fast", "-D", join(home, "data")], account);
  const remove = () => rm(home, { recursive: true, force: true });
  // It would outlive us: it is out of reach of the terminal's Ctrl-C.
  const onSignal = () =>
    void stop()
      .then(remove)
      .finally(() => process.exit(INTERRUPTED));
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    return await work(serverAt(await start(programs, home, account)));
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    await stop();
    await remove();
  }
}

/** The folder with the newest version's programs. */
export async function findPrograms(packages: string): Promise<string | undefined> {
  const versions = (await readdir(packages).catch(absent)) ?? [];
  for (const version of versions.toSorted((one, other) => Number(other) - Number(one))) {
    const folder = join(packages, version, "bin");
    if (await exists(join(folder, "initdb"))) return folder;
  }
  return undefined;
}

/** Returns the URL of its maintenance database. */
async function start(programs: string, home: string, account: Account | undefined): Promise<string> {
  const data = join(home, "data");
  const call = async (program: string, args: readonly string[]) => {
    const { code, output } = await run(join(programs, program), args, account);
    if (code !== 0) throw new RunFailed(`${program} failed: ${lastWords(output)}`);
  };
  const identity = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"];
  await call("initdb", [...identity, "--no-sync", "-D", data]);
  const port = await choosePort(join(home, "port"));
  const settings = Object.entries({ ...SETTINGS, port }).map(([name, value]) => `${name} = '${value}'\n`);
  await appendFile(join(data, "postgresql.conf"), settings.join(""));
  await call("pg_ctl", ["start", "-w", "-s", "-D", data, "-l", join(home, "server.log")]);
  return `postgresql://postgres@127.0.0.1:${port}/postgres`;
}
