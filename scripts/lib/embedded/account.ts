/** PostgreSQL refuses to run as root. Started by root, it runs as whoever owns its data, or else as user `postgres`. */
import { stat } from "node:fs/promises";
import { UserError } from "../errors.ts";
import { type Account, run } from "./command.ts";
import { absent } from "./files.ts";

const NAME = "postgres";

/** The account for a server with that data folder; undefined means the current user. */
export async function accountFor(dataFolder: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const data = await stat(dataFolder).catch(absent);
  if (data && data.uid !== 0) return { name: await nameOf(data.uid), uid: data.uid, gid: data.gid };
  return (await find()) ?? (await create());
}

/** Whether the account may use a path in these ways: a list of letters that `test` knows, such as `rx`. */
export async function may(account: Account | undefined, ways: string, path: string): Promise<boolean> {
  const tests = [...ways].map((way) => `test -${way} "$1"`).join(" && ");
  return (await run("/bin/sh", ["-c", tests, "sh", path], account)).code === 0;
}

async function find(): Promise<Account | undefined> {
  const [uid, gid] = await Promise.all([run("id", ["-u", NAME]), run("id", ["-g", NAME])]);
  if (uid.code !== 0 || gid.code !== 0) return undefined;
  return { name: NAME, uid: Number(uid.output), gid: Number(gid.output) };
}

async function create(): Promise<Account> {
  const shell = ["--shell", "/usr/sbin/nologin", "--home-dir", "/nonexistent", "--no-create-home"];
  const made = await run("useradd", ["--system", "--user-group", ...shell, NAME]).catch((error: Error) => ({
    output: error.message,
  }));
  // Another script may have made it in the meantime, so what counts is that it is there.
  const account = await find();
  if (account) return account;
  throw new UserError(
    `PostgreSQL can't run as root, and a user "${NAME}" could not be made (${made.output.trim()}): ` +
      "make one, run this as another user, or set DATABASE_URL",
  );
}

async function nameOf(uid: number): Promise<string> {
  const { code, output } = await run("id", ["-nu", String(uid)]);
  return code === 0 ? output.trim() : String(uid);
}
