/** A script that uses the server: prints what it is told and its URL, and lets go of the server when its input ends. */
import { acquireServer, DEFAULT_DATABASE } from "../../../scripts/lib/embedded/server.ts";

const [home] = process.argv.slice(2);
const server = await acquireServer({
  ...(home !== undefined && { home }),
  settings: { fsync: "off" },
  say: (line) => console.log(`says ${line}`),
});
console.log(`url ${await server.database(DEFAULT_DATABASE)}`);
for await (const _ of process.stdin);
await server.release();
