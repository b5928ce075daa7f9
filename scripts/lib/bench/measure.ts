import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { commandOf } from "../batches.ts";
import { RunFailed } from "../errors.ts";
import type { Document } from "../report/document.ts";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const REPORT_PEAK = new URL("./report-peak.ts", import.meta.url).href;

/** One measured piece of work. */
export interface Measured {
  readonly ms: number;
  /** The most that the script's process held; a statement in psql has none of ours. */
  readonly peakBytes?: number;
}

/** A script's run in a process of its own, from its start to its end. */
export interface MeasuredRun extends Measured {
  readonly peakBytes: number;
  readonly document: Document;
}

/** Times `work`. */
export async function measure(work: () => Promise<unknown>): Promise<Measured> {
  const startedAt = performance.now();
  await work();
  return { ms: performance.now() - startedAt };
}

/** Runs a batch as its user would, and throws RunFailed where it does not end with exit 0. */
export async function measureScript(name: string, args: readonly string[], url: string): Promise<MeasuredRun> {
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--import", REPORT_PEAK, `scripts/migrations/${name}.ts`, "--json", ...args],
    {
      cwd: PROJECT,
      env: { ...process.env, DATABASE_URL: url, DIRECT_URL: "" },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    },
  );
  const [out, err, peak] = [1, 2, 3].map((fd) => collect(child.stdio[fd] as NodeJS.ReadableStream));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const ms = performance.now() - startedAt;
  if (code !== 0)
    throw new RunFailed(
      `${[commandOf(name), ...args].join(" ")} ended with exit ${code}: ${err?.text.trim().split("\n").at(-1)}`,
    );
  return { ms, peakBytes: Number(peak?.text) * 1024, document: JSON.parse(out?.text ?? "") };
}

function collect(stream: NodeJS.ReadableStream): { text: string } {
  const collected = { text: "" };
  stream.setEncoding("utf8").on("data", (text: string) => {
    collected.text += text;
  });
  return collected;
}
