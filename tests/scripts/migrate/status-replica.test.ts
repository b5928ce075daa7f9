/** `status` on a replica: it can't see who holds a lock on the primary. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parseAddress } from "../../../scripts/lib/db/address.ts";
import { applyFolders } from "../../../scripts/lib/schema/engine.ts";
import { listFolders } from "../../../scripts/lib/schema/folders.ts";
import { until } from "../../helpers/script.ts";
import { type Pair, startPair } from "../../lib/health/primary-and-replica.ts";
import { deskOn } from "./desk.ts";

let pair: Pair;

beforeAll(async () => {
  pair = await startPair("status");
  await applyFolders(parseAddress(pair.primary.url), await listFolders());
}, 60_000);
afterAll(() => pair.remove(), 60_000);

const stateOf4 = async () => {
  const { exitCode, json } = await deskOn(pair.replica, { json: true })("status", "--no-verify");
  expect([exitCode, json.replica]).toEqual([0, true]);
  return json.batches[3].state;
};

test("a run is told by its heartbeat, and the checks run", async () => {
  await pair.primary.query(`insert into migration_runs (batch, script, mode, status, host, pid)
                            values (4, 'backfill-conversations-messages', 'write', 'running', 'here', 1)`);
  await until(async () => (await stateOf4()) === "running");
  await pair.primary.query("update migration_runs set heartbeat_at = now() - interval '5 minutes'");
  await until(async () => (await stateOf4()) === "stopped");
  const { exitCode, lines } = await deskOn(pair.replica)("status");
  expect(exitCode).toBe(0);
  expect(lines).toContain("A replica: what runs is told by its heartbeat, as locks aren't seen here.");
  expect(lines.filter((line) => /^ {6}verify: (\d+) of \1 hold$/.test(line))).toHaveLength(2);
});
