/** Runs the server's programs: out of reach of the terminal's Ctrl-C, as the account that the server has. */
import { spawn } from "node:child_process";
import { UserError } from "../errors.ts";

/** Who the server runs as, where that is not the current user. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end in a session of its own; what it printed comes back, and a failure is for the caller to judge. */
export function run(file: string, args: readonly string[], account?: Account): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...(account && { uid: account.uid, gid: account.gid }),
      cwd: "/", // the current folder may be one that the account can't enter
      env: environment(),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", (cause) => {
      const mend = "set DATABASE_URL to a server of your own";
      reject(new UserError(`${file} can't be run on this system (${cause.message}): ${mend}`, { cause }));
    });
    child.once("close", (code) => resolve({ code, output }));
  });
}

/** Ours, without what would lead PostgreSQL elsewhere (PGDATA, PGPORT), and with messages that can be recognized. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: "C" };
}
