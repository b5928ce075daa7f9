/** Folders for servers, and processes that use them; `clear` ends and removes whatever a test left. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";

const HOLD = fileURLToPath(new URL("./hold-server.ts", import.meta.url));
const TSX = import.meta.resolve("tsx");

export const isRoot = process.getuid?.() === 0;

let folders: string[] = [];
let holders: ChildProcess[] = [];

/** A folder that everybody can reach, or nobody but its owner. */
export async function makeFolder(mode = 0o755): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "embedded-"));
  await chmod(folder, mode);
  folders.push(folder);
  return folder;
}

/** Leaves it to `clear` to end the server that is there and to remove the folder. */
export function clearLater(folder: string): void {
  folders.push(folder);
}

export interface Holder {
  /** Of the server; rejects with what the process wrote to standard error. */
  readonly url: Promise<string>;
  readonly said: string[];
  /** Lets go of the server and waits for the end of the process. */
  end(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts a process of its own that uses the server in `home`. */
export function hold(home: string, options: SpawnOptions = {}, script = HOLD): Holder {
  const child = spawn(process.execPath, ["--import", TSX, script, home], { ...options, stdio: "pipe" });
  holders.push(child);
  const said: string[] = [];
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  const ended = once(child, "close");
  const url = new Promise<string>((resolve, reject) => {
    if (child.stdout) {
      createInterface(child.stdout).on("line", (line) => {
        const [kind, rest] = [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)];
        if (kind === "says") said.push(rest);
        if (kind === "url") resolve(rest);
      });
    }
    child.once("close", () => reject(new Error(errors)));
  });
  url.catch(() => undefined); // a test that kills the process does not wait for it
  return {
    url,
    said,
    end: async () => {
      child.stdin?.end();
      await ended;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Asks one question and closes the connection. */
export async function ask<T>(url: string, sql: string): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined); // where the server is killed on purpose; the query fails with it
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: "array" });
    return rows[0]?.[0] as T;
  } finally {
    await client.end();
  }
}

/** The process id that the data folder names; undefined when the server is stopped. */
export async function postmasterOf(home: string): Promise<number | undefined> {
  const text = await readFile(join(home, "postgres/postmaster.pid"), "utf8").catch(() => "");
  return Number(text.split("\n")[0]) || undefined;
}

export async function clear(): Promise<void> {
  for (const child of holders) {
    if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await once(child, "close");
  }
  for (const folder of folders) {
    for (const home of [folder, join(folder, ".data")]) {
      const pid = await postmasterOf(home);
      if (pid) await endPostmaster(pid, home);
    }
    await rm(folder, { recursive: true, force: true });
  }
  folders = [];
  holders = [];
}

async function endPostmaster(pid: number, home: string): Promise<void> {
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  if (!command.includes(home)) return; // the pid file of a killed server
  process.kill(pid, "SIGQUIT");
  while ((await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")) !== "") await sleep(20);
}
