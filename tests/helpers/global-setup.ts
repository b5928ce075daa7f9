/** Once before all tests: the server that they make their databases on, and the template that these are cloned from. */
import { fileURLToPath } from "node:url";
import { acquireServer, type EmbeddedServer } from "../../scripts/lib/embedded/server.ts";
import { buildTemplate } from "./template.ts";

/** Apart from what people keep in `.data`, and faster: what a crash takes from it is made anew. */
const HOME = fileURLToPath(new URL("../../.data/test", import.meta.url));
const SETTINGS = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" };

declare global {
  var testServer: EmbeddedServer | undefined;
}

export default async function setup(): Promise<void> {
  process.env.TEST_ADMIN_URL = process.env.TEST_DATABASE_URL ?? (await startServer());
  try {
    await buildTemplate(process.env.TEST_ADMIN_URL);
  } catch (error) {
    await globalThis.testServer?.release(); // there is no teardown after a setup that failed
    throw error;
  }
}

async function startServer(): Promise<string> {
  globalThis.testServer = await acquireServer({ home: HOME, settings: SETTINGS });
  return globalThis.testServer.adminUrl;
}
