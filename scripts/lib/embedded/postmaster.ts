/** The running server: found, started, stopped. All of it happens under the place's lock. */
import { chown, open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { RunFailed } from "../errors.ts";
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
  timezone: "UTC",
  log_timezone: "UTC",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
};

const CANNOT_CONNECT_NOW = "57P03";

/** The port of the server that runs, also one left behind by a killed script; undefined if none does. */
export async function findRunning({ data }: Place): Promise<number | undefined> {
  const file = join(data, "postmaster.pid");
  for (;;) {
    const [pid, folder, , port] = ((await readFile(file, "utf8").catch(absent)) ?? "").split("\n");
    const command = pid && (await commandOf(pid));
    if (!command) return undefined;
    if (!folder || !command.includes(folder)) break;
    if (port && (await accepts(Number(port)))) return Number(port);
    await sleep(POLL_MS);
  }
  // Another process has this id by now, which PostgreSQL might take for a server of its own.
  await rm(file, { force: true });
  return undefined;
}

/** Starts the server and returns its port once it accepts connections. */
export async function start(place: Place, settings: Readonly<Record<string, string>>): Promise<number> {
  const port = await choosePort(place.port);
  await writeFile(place.settings, toConf({ ...SETTINGS, ...settings, port: String(port) }));
  const log = await open(place.log, "a");
  if (place.account) await chown(place.log, place.account.uid, place.account.gid);
  const { size } = await log.stat();
  await log.close();

  const deadline = Date.now() + LEFTOVERS_MS;
  for (;;) {
    const args = ["start", "-w", "-s", "-t", String(START_SECONDS), "-D", place.data, "-l", place.log];
    const { code, output } = await control(place, args);
    if (code === 0) return port;
    const said = (await readFile(place.log)).subarray(size).toString();
    if (!/still in use|already exists/.test(said) || Date.now() > deadline) {
      throw new RunFailed(`PostgreSQL did not start: ${lastWords(said || output)} (see ${shown(place.log)})`);
    }
    await sleep(POLL_MS);
  }
}

/** Stops the server, ending the sessions that are open; does nothing if it does not run. */
export async function stop(place: Place): Promise<void> {
  const { code, output } = await control(place, [
    "stop",
    "-w",
    "-m",
    "fast",
    "-t",
    String(STOP_SECONDS),
    "-D",
    place.data,
  ]);
  if (code !== 0 && (await findRunning(place)) !== undefined) {
    throw new RunFailed(`PostgreSQL did not stop: ${lastWords(output)} (see ${shown(place.log)})`);
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
    const { code } = error as { code?: string };
    return code !== undefined && /^\w{5}$/.test(code) && code !== CANNOT_CONNECT_NOW; // it refuses us, so it runs
  }
}
