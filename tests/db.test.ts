import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "@jest/globals";
import { acquireServer } from "../scripts/lib/embedded/server.ts";
import { ask, clear, makeFolder, postmasterOf } from "./lib/embedded/server-test-bed.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

let running: ChildProcess[] = [];

afterEach(async () => {
  for (const child of running) {
    if (child.pid && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGKILL");
  }
  running = [];
  await clear();
});

/** `npx tsx scripts/db.ts` in a process group of its own, as a terminal would have it. */
function startDb(...args: string[]) {
  const child = spawn("npx", ["tsx", "scripts/db.ts", ...args], { cwd: PROJECT, detached: true, stdio: "pipe" });
  running.push(child);
  const printed = { out: "", err: "" };
  child.stderr.on("data", (chunk) => {
    printed.err += chunk;
  });
  const url = new Promise<string>((resolve) => {
    child.stdout.on("data", (chunk) => {
      printed.out += chunk;
      const [, found] = /psql (\S+)\nCtrl-C/.exec(printed.out) ?? [];
      if (found) resolve(found);
    });
  });
  /** As a shell shows it: npx ends itself by the signal that ended its child. */
  const status = new Promise<number | null>((resolve) => {
    child.once("close", (code, signal) => resolve(signal ? 128 + constants.signals[signal] : code));
  });
  const signal = (name: NodeJS.Signals) => process.kill(-(child.pid ?? 0), name);
  return { printed, url, status, signal };
}

test("Ctrl-C stops the server and exits 130", async () => {
  const home = await makeFolder();
  const db = startDb("--data", home);
  expect(await ask(await db.url, "select current_database()")).toBe("crm");
  db.signal("SIGINT");
  expect(await db.status).toBe(130);
  expect(await postmasterOf(home)).toBeUndefined();
  expect(db.printed.out).toContain("SIGINT: letting go of PostgreSQL\n");
});

test("Ctrl-C while the server is starting stops it once it is up", async () => {
  const home = await makeFolder();
  const db = startDb("--data", home);
  while (!db.printed.out.includes("starting PostgreSQL")) await new Promise((resolve) => setTimeout(resolve, 5));
  db.signal("SIGINT");
  expect(await db.status).toBe(130);
  expect(await postmasterOf(home)).toBeUndefined();
});

test("SIGTERM exits 143, and the server stays while another script uses it", async () => {
  const home = await makeFolder();
  const db = startDb("--data", home);
  const url = await db.url;
  const server = await acquireServer({ home });
  db.signal("SIGTERM");
  expect(await db.status).toBe(143);
  expect(await ask(url, "select 1")).toBe(1);
  await server.release();
  expect(await postmasterOf(home)).toBeUndefined();
});

test("an unknown option exits 2 with one line", async () => {
  const db = startDb("--dat", "x");
  expect(await db.status).toBe(2);
  expect(db.printed.err).toMatch(/^Unknown argument: dat$/m);
  expect(db.printed.out).toBe("");
});
