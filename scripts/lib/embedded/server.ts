/**
 * A PostgreSQL of the project's own, for those who set no DATABASE_URL. Scripts share it: the first starts it, the last
 * stops it, and one that a killed script left running is used by the next.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { checkCluster, makeCluster } from "./cluster.ts";
import { exclusively, hasUsers, register } from "./file-lock.ts";
import { exists, realPath, shown } from "./files.ts";
import { findPlace, type Place } from "./place.ts";
import { findRunning, start, stop } from "./postmaster.ts";

const DEFAULT_HOME = fileURLToPath(new URL("../../../.data", import.meta.url));

/** What a script works on unless it is told otherwise. */
export const DEFAULT_DATABASE = "crm";

const DUPLICATE_DATABASE = ["42P04", "23505"]; // the latter when two make it in the same instant

export interface EmbeddedServer {
  /** URL of a database on the server; makes the database where it doesn't exist. UTF8. */
  database(name: string): Promise<string>;
  /** URL of the maintenance database `postgres`. */
  readonly adminUrl: string;
  /** Lets go of it; stops it if nobody else uses it. Idempotent. */
  release(): Promise<void>;
}

export interface ServerOptions {
  /** Folder for the data and all that belongs to it; `.data` in the project unless given. */
  readonly home?: string;
  /** Gets notices of one line. */
  readonly say?: (line: string) => void;
  /** Settings of PostgreSQL, such as `{ fsync: "off" }`; a server that runs already keeps those it has. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts the server or joins it where it runs; every one acquired must be released. */
export async function acquireServer(options: ServerOptions = {}): Promise<EmbeddedServer> {
  const { home = DEFAULT_HOME, say = () => undefined, settings = {} } = options;
  const place = await findPlace(await realPath(resolve(home)));
  const onWait = () => say("waiting for another script, which is starting or stopping PostgreSQL");
  const { port, leave } = await exclusively(place.lock, onWait, async () => {
    const port = await ensureRunning(place, say, settings);
    return { port, leave: await register(place.users) };
  });

  let released: Promise<void> | undefined;
  const letGo = async () => {
    if (!(await exists(place.home))) return leave(); // deleted meanwhile: the server notices and ends by itself
    await exclusively(place.lock, onWait, async () => {
      await leave();
      if (!(await hasUsers(place.users))) await stop(place);
    });
  };
  const urlOf = (database: string) => `postgresql://postgres@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  return {
    adminUrl: urlOf("postgres"),
    database: async (name) => {
      await ensureDatabase(urlOf("postgres"), name);
      return urlOf(name);
    },
    release: () => {
      released ??= letGo();
      return released;
    },
  };
}

async function ensureRunning(place: Place, say: (line: string) => void, settings: Readonly<Record<string, string>>) {
  const name = `PostgreSQL ${place.binaries.major} in ${shown(place.home)}/`;
  if (place.notice) say(place.notice);
  await checkCluster(place);
  const running = await findRunning(place);
  if (running !== undefined) {
    say(`using ${name}, which runs already`);
    return running;
  }
  say(`starting ${name}`);
  if (!(await exists(place.data))) await makeCluster(place, settings.fsync !== "off");
  return start(place, settings);
}

async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on("error", () => undefined); // the statement under way fails with it
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [name]);
    if (rowCount) return;
    // From template0, which nobody can be connected to: that would make it fail.
    await client.query(`create database ${client.escapeIdentifier(name)} template template0 encoding 'UTF8'`);
  } catch (error) {
    if (!DUPLICATE_DATABASE.includes((error as { code?: string }).code ?? "")) throw error;
  } finally {
    await client.end();
  }
}
