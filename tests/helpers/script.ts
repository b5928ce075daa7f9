/** Two ways to run a batch: as a person does, in a process of its own, and, quicker, inside the test's process. */
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach } from "@jest/globals";
import { parseOptions } from "../../scripts/lib/cli/options.ts";
import type { AnyScript } from "../../scripts/lib/composite.ts";
import type { Address } from "../../scripts/lib/db/address.ts";
import { runScript as runMain, runOn } from "../../scripts/lib/main.ts";
import type { Conclusion } from "../../scripts/lib/outcome.ts";
import type { Document } from "../../scripts/lib/report/document.ts";
import { createPrinter } from "../../scripts/lib/report/printer.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const POLL_MS = 10;
const PATIENCE_MS = 20_000;

/** What a script's process left behind. */
export interface Finished {
  /** What the shell shows: 128 and the signal's number where one ended it, as Ctrl-C ends npx. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The document on standard output; asked for after `--json` only. */
  readonly json: Document;
}

export interface Started {
  readonly ended: Promise<Finished>;
  /** What it has printed so far, on both streams. */
  readonly output: () => string;
  /** The process id that the script's start line names. */
  readonly pid: () => number;
  /** As the terminal does: to every process of the group. */
  readonly signal: (name: NodeJS.Signals) => void;
}

export interface ScriptOptions {
  readonly url?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const leftovers = new Set<ChildProcess>();

afterEach(() => {
  for (const child of leftovers) signalGroup(child, "SIGKILL");
});

/** Starts `npx tsx scripts/migrations/<name>.ts` in a process group of its own, on the database of that URL. */
export const startScript = (name: string, argv: readonly string[], options: ScriptOptions = {}): Started =>
  start("npx", ["tsx", `scripts/migrations/${name}.ts`, ...argv], options);

/** Starts a file of the repository as `node` does with tsx's loader: one process, and quicker than through npx. */
export const startFile = (file: string, argv: readonly string[], options: ScriptOptions = {}): Started =>
  start("node", ["--import", "tsx", file, ...argv], options);

/** Runs one line of the shell to its end. */
export const runShell = (line: string, options: ScriptOptions = {}): Promise<Finished> =>
  start("sh", ["-c", line], options).ended;

function start(program: string, argv: readonly string[], { url = "", env = {} }: ScriptOptions): Started {
  const child = spawn(program, argv, {
    cwd: ROOT,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    // What stands in a .env file must not reach a test: a variable that is set, also an empty one, wins.
    env: { ...inherited(), DATABASE_URL: url, DIRECT_URL: "", ...env },
  });
  leftovers.add(child);
  const printed = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    printed.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    printed.stderr += chunk;
  });
  const ended = new Promise<Finished>((resolve) => {
    child.on("close", (code, signal) => {
      leftovers.delete(child);
      resolve(finished(code ?? 128 + constants.signals[signal ?? "SIGKILL"], printed));
    });
  });
  const output = () => printed.stdout + printed.stderr;
  return {
    ended,
    output,
    pid: () => Number(/ process (\d+)$/m.exec(output())?.[1]),
    signal: (name) => signalGroup(child, name),
  };
}

/** Runs a script to its end. */
export const runScript = (name: string, argv: readonly string[], options: ScriptOptions = {}): Promise<Finished> =>
  startScript(name, argv, options).ended;

/** A run inside the test's process: its conclusion and what people read. */
export interface InProcess extends Conclusion {
  readonly output: string;
}

/** Runs a batch with the options of a command line, without a process of its own. */
export async function runInProcess(
  batch: AnyScript,
  { address }: { readonly address: Address },
  argv: readonly string[] = [],
  signal: AbortSignal = new AbortController().signal,
): Promise<InProcess> {
  const parsed = await parseOptions(batch, argv, "test");
  if (parsed.kind === "text") throw new Error("The command line asks for a text, not for a run.");
  let output = "";
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      output += chunk;
      done();
    },
  });
  const conclusion = await runOn(address, batch, parsed.options, { printer: createPrinter(sink, {}), signal });
  return { ...conclusion, output };
}

/** Runs a script's main function inside the test's process: what it writes to the two streams, and its exit code. */
export const runCaptured = (
  batch: AnyScript,
  argv: readonly string[],
  { url }: { readonly url: string },
): Promise<Finished> => capture(url, () => runMain(batch, argv));

/** Does work that ends with an exit code, on the database of that URL, and catches what it writes to the two streams. */
export async function capture(url: string, work: () => Promise<number>): Promise<Finished> {
  const { env, stdout, stderr } = process;
  const printed = { stdout: "", stderr: "" };
  const [toStdout, toStderr] = [stdout.write, stderr.write];
  const into = (name: keyof typeof printed) => (chunk: unknown) => {
    printed[name] += chunk;
    return true;
  };
  process.env = { ...env, DATABASE_URL: url, DIRECT_URL: "" };
  stdout.write = into("stdout");
  stderr.write = into("stderr");
  try {
    return finished(await work(), printed);
  } finally {
    process.env = env;
    stdout.write = toStdout;
    stderr.write = toStderr;
  }
}

const finished = (exitCode: number, printed: { stdout: string; stderr: string }): Finished => ({
  exitCode,
  ...printed,
  get json() {
    return JSON.parse(printed.stdout) as Document;
  },
});

/** What a dry run must foretell: counters, reasons, failures with their SQLSTATE, status, exit code. */
export const numbersOf = ({ document: { stats, skipped, errors, status }, exitCode }: InProcess) => ({
  stats,
  skipped,
  errors,
  status,
  exitCode,
});

/** Waits until `ready` answers with something true. */
export async function until<T>(ready: () => T | Promise<T>, what = String(ready)): Promise<NonNullable<T>> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ready();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`Waited in vain for: ${what}`);
    await sleep(POLL_MS);
  }
}

/** The test's own environment without what jest and npm put there: colours, and npm's warnings of its own. */
function inherited(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, NO_COLOR: __, ...env } = process.env;
  return { ...env, npm_config_loglevel: "error" };
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch (error) {
    // The group has ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
