/** The server's port: chosen once, then kept, so that its URL stays the same. */
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors.ts";
import { absent, shown } from "./files.ts";

const FIRST = 20_000;
const COUNT = 10_000; // stays below the ports that systems lend to outgoing connections
const TRIES = 50;
const DYING_MS = 2_000; // a server that was just killed has its port a little longer
const POLL_MS = 50;

/** The port kept in that file, or one that is free now and is written to it; a UserError where the kept one is in use. */
export async function choosePort(file: string): Promise<number> {
  const kept = Number(await readFile(file, "utf8").catch(absent));
  if (Number.isInteger(kept) && kept > 0 && kept < 65_536) {
    for (const end = Date.now() + DYING_MS; Date.now() < end; await sleep(POLL_MS)) {
      if (await isFree(kept)) return kept;
    }
    throw new UserError(
      `port ${kept} on 127.0.0.1, which PostgreSQL is to use, is in use by another program: ` +
        `end that program, or delete ${shown(file)} to have another port chosen`,
    );
  }
  for (let tries = 0; tries < TRIES; tries++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (!(await isFree(port))) continue;
    await writeFile(file, `${port}\n`);
    return port;
  }
  throw new UserError(`no free port for PostgreSQL on 127.0.0.1: set DATABASE_URL instead`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(false);
      else reject(error);
    });
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
