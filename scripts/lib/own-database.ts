import { type Address, parseAddress } from "./db/address.ts";
import { openConnection } from "./db/database.ts";
import { withRunLock } from "./db/lock.ts";
import { sqlStateOf } from "./db/pg-errors.ts";
import { quoteName } from "./db/quote.ts";
import { acquireServer } from "./embedded/server.ts";
import { MustWait } from "./errors.ts";

const OBJECT_IN_USE = "55006";

/** A server on which the suite may make and drop databases as it likes. */
export interface OwnServer {
  /** Makes the database anew, empty or as a clone; returns its URL. Throws MustWait while somebody is connected to the old one. */
  create(name: string, template?: string): Promise<string>;
  drop(name: string): Promise<void>;
}

/**
 * Runs `work` with the embedded server, or with the one that TEST_DATABASE_URL names; DATABASE_URL and .env are not read.
 * Throws MustWait while another process is at the same `purpose` there: both would make and drop databases of one name.
 */
export async function withOwnServer<T>(
  purpose: string,
  say: (line: string) => void,
  work: (server: OwnServer) => Promise<T>,
): Promise<T> {
  const workAt = (url: string, variable?: string) =>
    withRunLock(parseAddress(url, variable), purpose, () => work(serverAt(url)));
  const given = process.env.TEST_DATABASE_URL ?? "";
  if (given !== "") return workAt(given, "TEST_DATABASE_URL");
  const server = await acquireServer({ say });
  try {
    return await workAt(server.adminUrl);
  } finally {
    await server.release();
  }
}

/** The server of this maintenance database; the caller sees to it that nobody else makes databases of the same names. */
export function serverAt(adminUrl: string): OwnServer {
  const admin = parseAddress(adminUrl);
  const drop = (name: string) => execute(admin, `drop database if exists ${quoteName(name)}`, name);
  return {
    drop,
    create: async (name, template) => {
      await drop(name);
      const from = template === undefined ? "template template0 encoding 'UTF8'" : `template ${quoteName(template)}`;
      await execute(admin, `create database ${quoteName(name)} ${from}`, template ?? name);
      const url = new URL(adminUrl);
      url.pathname = `/${name}`;
      return url.href;
    },
  };
}

async function execute(admin: Address, statement: string, database: string): Promise<void> {
  const connection = await openConnection(admin);
  try {
    await connection.query(statement);
  } catch (error) {
    if (sqlStateOf(error) !== OBJECT_IN_USE) throw error;
    throw new MustWait(`Somebody is connected to the database ${database}: run again when that session has ended.`);
  } finally {
    await connection.end();
  }
}
