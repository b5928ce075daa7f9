/** The running server: found, started, stopped. All of it happens under the place's lock. */
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { RunFailed, UserError } from "../errors.ts";
import { lastWords } from "./cluster.ts";
import { run } from "./command.ts";
import { absent, shown } from "./files.ts";
import type { Place } from "./place.ts";
import { choosePort } from "./port.ts";

const START_SECONDS = 300; // recovery after a crash of a busy server may take minutes
const STOP_SECONDS = 60;
const POLL_MS = 100;
const LEFTOVERS_MS = 30_000; // processes of a killed server end within seconds, when they notice

/** No rows in the log: neither statements nor details. */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  io_method: "sync", // what is read lies in the system's cache; handing it to other processes costs more than it saves
  shared_buffers: "512MB", // a million audits read lead by lead, and the indexes of their messages, need more than the default 128 MB
  max_wal_size: "4GB", // with the default 1 GB a backfill makes a checkpoint every few seconds, and writes its pages anew after each
  timezone: "UTC",
  log_timezone: "UTC",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
};

const NOBODY = 2_000_000_000; // more than any system's process ids
const LOG_BYTES = 16 * 1024 * 1024; // a longer log begins anew at the next start
const TAIL_BYTES = 16 * 1024;
const CANNOT_CONNECT_NOW = "57P03";

/** The port of the server that runs, also one left behind by a killed script; undefined if none does. */
export async function findRunning({ data, log }: Place): Promise<number | undefined> {
  const file = join(data, "postmaster.pid");
  const deadline = Date.now() + START_SECONDS * 1_000;
  for (;;) {
    const content = await readFile(file, "utf8").catch(absent);
    const [pid, folder, , port, ...rest] = content?.split("\n") ?? [];
    if (!pid || !folder) return undefined;
    if (!(await commandOf(pid))?.includes(folder)) {
      // The process is dead, and its id may be another's by now, which PostgreSQL would take for its own server. The file
      // stays: by its last lines PostgreSQL knows whether processes of the dead one are still at work on the data.
      await writeFile(file, [NOBODY, folder, 0, port, ...rest].join("\n"));
      return undefined;
    }
    if (port && (await accepts(Number(port)))) return Number(port);
    if (Date.now() > deadline)
      throw new UserError(`process ${pid}, PostgreSQL, does not answer (see ${shown(log)}): end it`);
    await sleep(POLL_MS);
  }
}

/** Starts the server and returns its port once it accepts connections. */
export async function start(place: Place, settings: Readonly<Record<string, string>>): Promise<number> {
  const port = await choosePort(place.port);
  await writeFile(place.settings, toConf({ ...SETTINGS, ...settings, port: String(port) }));
  const mark = await prepareLog(place);
  const deadline = Date.now() + LEFTOVERS_MS;
  for (;;) {
    const args = ["start", "-w", "-s", "-t", String(START_SECONDS), "-D", place.data, "-l", place.log];
    const { code, output } = await control(place, args);
    if (code === 0) return port;
    const said = await readFrom(place.log, mark);
    if (!/still in use|already exists/.test(said) || Date.now() > deadline) {
      throw new UserError(`PostgreSQL did not start: ${lastWords(said || output)} (see ${shown(place.log)})`);
    }
    await sleep(POLL_MS);
  }
}

/** Stops the server, ending the sessions that are open; does nothing if it does not run. */
export async function stop(place: Place): Promise<void> {
  const args = ["stop", "-w", "-m", "fast", "-t", String(STOP_SECONDS), "-D", place.data];
  const { code, output } = await control(place, args);
  if (code !== 0 && (await findRunning(place)) !== undefined) {
    throw new RunFailed(`PostgreSQL did not stop: ${lastWords(output)} (see ${shown(place.log)})`);
  }
}

/** Makes the log a file that the server's account can write to, and returns where in it the new part begins. */
async function prepareLog({ log, account }: Place): Promise<number> {
  const handle = await open(log, "a");
  try {
    if (account) await handle.chown(account.uid, account.gid);
    if ((await handle.stat()).size > LOG_BYTES) await handle.truncate();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

async function readFrom(file: string, position: number): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(TAIL_BYTES), position });
    return buffer.subarray(0, bytesRead).toString();
  } finally {
    await handle.close();
  }
}

const control = (place: Place, args: readonly string[]) =>
  run(join(place.binaries.folder, "bin/pg_ctl"), args, place.account);

function toConf(settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
  return `# Written at each start. Settings of your own: alter system set ...\n${lines.join("")}`;
}

/** The command line of a process; empty or undefined for one that is dead or dying. */
async function commandOf(pid: string): Promise<string | undefined> {
  if (process.platform === "linux") return readFile(`/proc/${pid}/cmdline`, "utf8").catch(absent);
  return (await run("ps", ["-ww", "-o", "args=", "-p", pid])).output.trim();
}

/** Whether a server answers there and is not just starting or stopping. */
async function accepts(port: number): Promise<boolean> {
  const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", database: "postgres" });
  client.on("error", () => undefined); // of a connection that has served its purpose
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (error) {
    return error instanceof pg.DatabaseError && error.code !== CANNOT_CONNECT_NOW; // it refuses us, so it runs
  }
}
