import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { countRows } from "../helpers/crm.ts";
import { useDatabase } from "../helpers/database.ts";
import { type OwnServer, startOwnServer } from "../helpers/own-server.ts";
import { runInProcess, until } from "../helpers/script.ts";
import { takeSnapshot } from "../helpers/snapshot.ts";
import { differenceOf, leftoversOf, NONE, stateOf } from "./final-state.ts";
import { CONVERSATIONS } from "./subjects.ts";

const RESTARTS = 2;
const { fill, batch, start } = CONVERSATIONS;
const calm = useDatabase();
let server: OwnServer;

beforeAll(async () => {
  server = await startOwnServer();
});

afterAll(() => server.remove());

test("a run goes on when its server is stopped and started again under it, and misses nothing", async () => {
  await Promise.all([fill(calm, 6), fill(server, 6)]);
  const expected = await runInProcess(batch, calm, ["--workers", "1"]);
  await server.query(
    `create function take_time() returns trigger language plpgsql as $$ begin perform pg_sleep(0.1); return null; end $$`,
  );
  await server.query(
    `create trigger take_time before insert on "Message" for each statement execute function take_time()`,
  );
  // In a process of its own: what a refused connection throws is no Error to code that jest has loaded.
  const run = start(server.url, "", ["--json"]);
  for (let stored = 0, restarts = 0; restarts < RESTARTS; restarts++) {
    await until(async () => (await countRows(server, "Message")) > stored + 50);
    await server.stop();
    await server.start();
    stored = await countRows(server, "Message");
  }
  const { exitCode, json } = await run.ended;
  expect([exitCode, json.message]).toEqual([expected.exitCode, undefined]);
  expect(json.stats).toEqual(expected.document.stats);
  const pool = new pg.Pool({ connectionString: server.url, max: 1 });
  const snapshot = (options?: Parameters<typeof takeSnapshot>[1]) => takeSnapshot(pool, options);
  const found = await stateOf({ query: server.query, snapshot }).finally(() => pool.end());
  expect(differenceOf(await stateOf(calm), found)).toEqual(NONE);
  expect(await leftoversOf(server)).toEqual([]);
});
