/** What others move a database with, as far as this machine has it. */
import { spawn } from "node:child_process";
import { RunFailed } from "../../errors.ts";
import { complaintIn } from "../measure.ts";

export const TOOLS = ["pg_dump", "psql", "pgcopydb"] as const;
export type Tool = (typeof TOOLS)[number];

/** A tool's version in a word, or why it can't be measured. */
export type Found = { readonly version: string } | { readonly lacking: string };

/** Looks for a tool that can read a server of this major version. */
export async function findTool(tool: Tool, serverMajor: number): Promise<Found> {
  const said = await execute(tool, ["--version"]).catch(() => undefined);
  if (said === undefined) return { lacking: `${tool}: not installed, left out` };
  const version = /(\d+)\.[\d.]+/.exec(said)?.[0] ?? "unknown";
  // pgcopydb calls the pg_dump that is there.
  const major = tool === "pgcopydb" ? serverMajor : Number(version.split(".")[0]);
  if (major < serverMajor) return { lacking: `${tool} ${version}: older than the server, left out` };
  return { version };
}

/** Runs a program to its end; returns what it printed. Throws RunFailed where it does not end well. */
export function execute(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(out);
      else reject(new RunFailed(`${file} ended with exit ${code}: ${complaintIn(err)}`));
    });
  });
}
