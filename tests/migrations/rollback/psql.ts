import { spawn, spawnSync } from "node:child_process";
import { test } from "@jest/globals";

/** What a DBA sees. */
export interface Printed {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** For a test that needs psql: left out, and counted as such, on a machine without it. */
export const testWithPsql = spawnSync("psql", ["--version"]).error === undefined ? test : test.skip;

/** Runs a file as the usage line in it says. */
export function psql(url: string, path: string, env: Readonly<Record<string, string>> = {}): Promise<Printed> {
  const child = spawn("psql", ["-X", url, "-f", path], {
    env: { ...process.env, PGOPTIONS: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    printed.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    printed.stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, ...printed }));
  });
}
