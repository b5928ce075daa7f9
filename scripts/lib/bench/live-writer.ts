/**
 * A CRM at work: writes one audit at a time, steadily, each in a transaction of its own. Started as a process of its own on
 * DATABASE_URL with an IPC channel: says "ready", answers each "take" with the latencies since the last, ends with the channel.
 * A latency counts from the planned start: while a write stalls, those planned behind it wait, and their wait counts.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { parseAddress } from "../db/address.ts";
import { openConnection } from "../db/database.ts";

const WRITES_A_SECOND = 50;
const INTERVAL_MS = 1_000 / WRITES_A_SECOND;
const WARM_UP_WRITES = 20;
const MAX_LEADS = 1_000;

const INSERT = `
  insert into "Audit" (lead_id, actor, action, payload)
  values ($1, 'customer', 'message_received', jsonb_build_object('text', $2::text, 'channel', 'chat'))`;

let takeAt: number | undefined;
process.on("message", () => {
  takeAt = performance.now();
});
// The benchmark lets go of the channel, or is gone.
process.on("disconnect", () => process.exit());

const connection = await openConnection(parseAddress(process.env.DATABASE_URL ?? ""));
await write(connection);

async function write(db: pg.Client): Promise<never> {
  const { rows } = await db.query<{ id: string }>('select id from "Lead" order by id limit $1', [MAX_LEADS]);
  const insert = (n: number) => db.query(INSERT, [rows[n % rows.length]?.id, `Hello, this is message ${n}.`]);
  for (let n = 0; n < WARM_UP_WRITES; n += 1) await insert(n);
  process.send?.("ready");
  let latencies: number[] = [];
  const startedAt = performance.now();
  for (let n = 0; ; n += 1) {
    const planned = startedAt + n * INTERVAL_MS;
    // Only once all that were planned before are written: a stall at the end counts, too.
    if (takeAt !== undefined && planned >= takeAt) {
      takeAt = undefined;
      process.send?.(latencies);
      latencies = [];
    }
    await waitUntil(planned);
    await insert(n);
    latencies.push(performance.now() - planned);
  }
}

/** Timers are good to a millisecond: the rest is waited for turn by turn. */
async function waitUntil(time: number): Promise<void> {
  const ms = Math.floor(time - performance.now());
  if (ms > 0) await sleep(ms);
  while (performance.now() < time) await new Promise(setImmediate);
}
