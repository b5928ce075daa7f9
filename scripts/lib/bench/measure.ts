import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { RunFailed } from "../errors.ts";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const REPORT_PEAK = new URL("./report-peak.ts", import.meta.url).href;

/** One measured piece of work. */
export interface Measured {
  readonly ms: number;
  /** The most that the Node process held; a statement that the server alone carries out has none of ours. */
  readonly peakBytes?: number;
  /** How many messages it wrote in that time, where it did not write all. */
  readonly rows?: number;
}

/** A process from its start to its end, and what it printed. */
export interface MeasuredProcess extends Measured {
  readonly peakBytes: number;
  readonly out: string;
}

/** Times `work`. */
export async function measure(work: () => Promise<unknown>): Promise<Measured> {
  const startedAt = performance.now();
  await work();
  return { ms: performance.now() - startedAt };
}

/** Runs a batch as its user would, from the start of its process to the end. */
export async function measureScript(name: string, args: readonly string[], url: string): Promise<Measured> {
  const { ms, peakBytes } = await measureProcess(`scripts/migrations/${name}.ts`, args, url);
  return { ms, peakBytes };
}

/**
 * Runs a file of the project in a process of its own, with these flags of Node's, on that database, and with this in its environment
 * besides; throws RunFailed where it does not end with exit 0.
 */
export async function measureProcess(
  file: string,
  args: readonly string[],
  url: string,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<MeasuredProcess> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...flags, "--import", "tsx", "--import", REPORT_PEAK, file, ...args], {
    cwd: PROJECT,
    env: { ...process.env, DATABASE_URL: url, DIRECT_URL: "", ...env },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const [out, err, peak] = [1, 2, 3].map((fd) => collect(child.stdio[fd] as NodeJS.ReadableStream));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const ms = performance.now() - startedAt;
  if (code !== 0)
    throw new RunFailed(`${[file, ...args].join(" ")} ended with exit ${code}: ${complaintIn(err?.text ?? "")}`);
  return { ms, peakBytes: Number(peak?.text) * 1024, out: out?.text ?? "" };
}

/** The line that says what is wrong: an error's own, where Node printed its stack, else the last. */
export function complaintIn(text: string): string {
  const lines = text.trim().split("\n");
  return lines.find((line) => /^\w*error: /i.test(line)) ?? lines.at(-1) ?? "";
}

function collect(stream: NodeJS.ReadableStream): { text: string } {
  const collected = { text: "" };
  stream.setEncoding("utf8").on("data", (text: string) => {
    collected.text += text;
  });
  return collected;
}
