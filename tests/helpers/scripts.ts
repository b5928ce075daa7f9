/** What the scripts say about themselves. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { BATCHES, type BatchEntry } from "../../scripts/lib/batches.ts";
import { parseOptions } from "../../scripts/lib/cli/options.ts";
import type { AnyScript } from "../../scripts/lib/composite.ts";
import { COMMANDS, migrate } from "../../scripts/migrate.ts";
import { capture } from "./script.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Commands beside the batches. */
const OTHER_COMMANDS = [
  "load-dialogues",
  "add-store",
  "bench",
  "bench-importers",
  "bench-move",
  "db",
  "demo",
  "demo-importers",
  "demo-move",
  "eval-classifier",
];

/** The batch that a script declares: its default export. */
export const batchOfScript = async ({ name }: BatchEntry): Promise<AnyScript> =>
  (await import(`../../scripts/migrations/${name}.ts`)).default;

/** What `--help` of a batch's script prints. */
export async function helpOf(batch: AnyScript): Promise<string> {
  const parsed = await parseOptions(batch, ["--help"], "0.0.0");
  if (parsed.kind !== "text") throw new Error("--help asks for a text, and got a run.");
  return parsed.text;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  /** Both streams, for a message. */
  readonly all: string;
}

/** Runs a line in a shell at the project's root. */
export function shell(line: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn("/bin/sh", ["-c", line], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let all = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    all += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    all += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, all }));
  });
}

/** The names of all options that any of the project's commands has. */
export async function everyOption(): Promise<Set<string>> {
  const helps = await Promise.all(
    OTHER_COMMANDS.map(async (name) => (await shell(`npx tsx scripts/${name}.ts --help`)).out),
  );
  for (const { name } of COMMANDS) helps.push((await capture("", () => migrate([name, "--help"]))).stdout);
  // One by one: Jest's module loader mixes up imports that go on at once.
  for (const entry of BATCHES) helps.push(await helpOf(await batchOfScript(entry)));
  return new Set(helps.flatMap(optionsOf));
}

/** The options that a help text lists. */
export const optionsOf = (help: string): string[] =>
  [...help.matchAll(/^\s+(?:-\w, )?--([a-z][a-z-]*)/gm)].map(([, name = ""]) => name);
