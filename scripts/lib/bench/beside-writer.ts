import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { RunFailed } from "../errors.ts";
import { complaintIn, type Measured } from "./measure.ts";
import { type Latencies, latenciesOf } from "./percentiles.ts";

const LIVE_WRITER = fileURLToPath(new URL("live-writer.ts", import.meta.url));

/** What somebody who writes at the same time felt. */
export interface Beside {
  readonly name: string;
  readonly ms: number;
  readonly idle: Latencies;
  readonly busy: Latencies;
}

/** Has a live writer write alone for a while, then beside `work`. */
export async function measureBesideWriter(
  name: string,
  url: string,
  idleMs: number,
  work: () => Promise<Measured>,
): Promise<Beside> {
  const writer = spawn(process.execPath, ["--import", "tsx", LIVE_WRITER], {
    env: { ...process.env, DATABASE_URL: url, DIRECT_URL: "" },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let complaint = "";
  writer.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const ended = new Promise<never>((_, reject) => {
    writer.once("error", reject);
    writer.once("close", () => reject(new RunFailed(`The live writer ended: ${complaintIn(complaint)}`)));
  });
  ended.catch(() => undefined); // heard of when it is next asked, so that `work` is never left running
  const answer = async () => (await Promise.race([once(writer, "message"), ended]))[0];
  const take = async () => {
    const latencies = answer();
    writer.send("take", () => undefined);
    return latenciesOf(await latencies);
  };
  try {
    await answer();
    await sleep(idleMs);
    const idle = await take();
    const { ms } = await work();
    return { name, ms, idle, busy: await take() };
  } finally {
    await end(writer);
  }
}

/** Its connection must be gone before its database is dropped. */
async function end(writer: ChildProcess): Promise<void> {
  if (writer.exitCode !== null || writer.signalCode !== null || writer.pid === undefined) return;
  const exited = once(writer, "exit");
  if (writer.connected) writer.disconnect();
  await exited;
}
