/** The pace is the service's: what a token allows, what a 429 says, what the options ask for. */
import { describe, expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/sync-wildberries-chats.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { EVENTS_PATH, onPath, tooMany } from "../../helpers/stand-ins/wildberries.ts";
import { FIRST_MS, makeSeller, tokenOf } from "../../helpers/stand-ins/wildberries-rows.ts";
import { logsIn, storeIn, useService } from "./bed.ts";

const HOUR_MS = 3_600_000;
const db = useDatabase();
const bed = useService(db);
const logs = () => logsIn(db);
const storeRow = (id: string) => storeIn(db, id);

describe("A store with an hourly token", () => {
  const base = tokenOf("501", { acc: 1 });

  test("spends its one request on events, ends with exit 75, and lets the others go on", async () => {
    await bed.addStore("501", makeSeller(5, 100, { pageSize: 60, limit: { requests: 1, perMs: HOUR_MS } }), {
      token: base,
    });
    await bed.addStore("502", makeSeller(5, 100));
    const { document, exitCode, output } = await bed.run();
    expect([exitCode, document.status, document.stats.messagesAdded]).toEqual([75, "waiting", 58 + 98]);
    expect(bed.service.asked.filter(({ headers }) => headers.authorization === base).map(({ path }) => path)).toEqual([
      EVENTS_PATH,
    ]);
    const { next, cursor } = (await storeRow("501")) ?? {};
    expect(cursor).toBe(String(FIRST_MS + 60));
    expect(Math.abs((next?.getTime() ?? 0) - Date.now() - HOUR_MS)).toBeLessThan(60_000);
    expect(document.message).toContain(`501: its token may ask once an hour, until ${next?.toISOString()}`);
    expect(output).toContain("its list of chats is left out");
    expect(await logs()).toContainEqual({
      store_id: "501",
      status: "error",
      error_message: `its token may ask once an hour, until ${next?.toISOString()}`,
    });
  });

  test("is not asked again before its time, and goes on from its cursor after it", async () => {
    await bed.addStore("501", makeSeller(5, 100, { pageSize: 60 }), { token: base });
    await bed.addStore("502", makeSeller(5, 100));
    await bed.run();
    const asked = bed.service.asked.length;
    const second = await bed.run();
    expect([second.exitCode, second.document.stats.storesSynced]).toEqual([75, 1]);
    expect(bed.service.asked.slice(asked).filter(({ headers }) => headers.authorization === base)).toEqual([]);
    await db.query("update stores set next_request_at = now() - interval '1 second' where id = '501'");
    const third = await bed.run();
    expect(third.document.stats).toMatchObject({ messagesAdded: 40, messagesExisting: 0 });
  });

  test("whose one request finds nothing new is synced, and may come back in an hour", async () => {
    await bed.addStore("501", makeSeller(1, 0), { token: base });
    expect((await bed.run()).document).toMatchObject({ status: "completed", stats: { storesSynced: 1 } });
    expect((await storeRow("501"))?.next).not.toBeNull();
    expect((await bed.run()).exitCode).toBe(75);
  });

  test("waits beside a store that failed: exit 1 wins, and both are named", async () => {
    await bed.addStore("501", makeSeller(5, 100), { token: base });
    await bed.addStore("502", makeSeller(1, 1), { token: tokenOf("502", { s: 0 }) });
    const { document, exitCode } = await bed.run();
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({ problems: [{ key: "502" }], message: expect.stringContaining("501") });
  });
});

describe("A limit", () => {
  test("that asks for a short wait is waited for, and counted", async () => {
    await bed.addStore("501", makeSeller(2, 20));
    bed.service.faults.push(onPath(EVENTS_PATH, { answer: tooMany({ retry: 1 }) }));
    const { document, exitCode } = await bed.run();
    expect(exitCode).toBe(0);
    expect(document.stats.waitedSeconds).toBeGreaterThanOrEqual(0.9);
    expect(document.stats.requests).toBe(bed.service.asked.length);
  });

  test("that asks for more than --max-wait ends with exit 75, and with when to come back in the store's row", async () => {
    await bed.addStore("501", makeSeller(2, 20));
    bed.service.faults.push(onPath(EVENTS_PATH, { answer: tooMany({ retry: 600 }) }));
    const { exitCode } = await bed.run(["--max-wait", "2s"]);
    expect(exitCode).toBe(75);
    expect(Math.abs(((await storeRow("501"))?.next?.getTime() ?? 0) - Date.now() - 600_000)).toBeLessThan(30_000);
  });

  test("without any header that persists ends with exit 75", async () => {
    await bed.addStore("501", makeSeller(2, 20));
    bed.service.faults.push(onPath(EVENTS_PATH, { answer: tooMany(), times: 3 }));
    expect((await bed.run()).exitCode).toBe(75);
  }, 20_000);
});

describe("Requests", () => {
  const gaps = (token: string): number[] => {
    const at = bed.service.asked.filter(({ headers }) => headers.authorization === token).map((one) => one.at);
    return at.slice(1).map((time, n) => time - (at[n] ?? 0));
  };

  test("of a store keep the distance of --delay, while several stores are asked at once", async () => {
    const one = await bed.addStore("501", makeSeller(2, 20, { pageSize: 10 }));
    const other = await bed.addStore("502", makeSeller(2, 20, { pageSize: 10 }));
    await runInProcess(batch, db, ["--delay", "200"]);
    for (const token of [one, other]) {
      expect(gaps(token)).toHaveLength(3);
      // Of arrivals, which a busy machine delays; without a distance they are a few milliseconds apart.
      expect(gaps(token).reduce((sum, gap) => sum + gap, 0)).toBeGreaterThan(500);
    }
    const first = bed.service.asked.slice(0, 2).map(({ headers }) => headers.authorization);
    expect(new Set(first)).toEqual(new Set([one, other]));
  });

  test("rest after ten pages of events, and between two stores of a lane", async () => {
    const one = await bed.addStore("501", makeSeller(2, 120, { pageSize: 10 }));
    const other = await bed.addStore("502", makeSeller(2, 2));
    await runInProcess(batch, db, [
      "--delay",
      "0",
      "--batch-delay",
      "1500",
      "--store-delay",
      "500",
      "--concurrency",
      "1",
    ]);
    const slow = gaps(one).flatMap((gap, n) => (gap > 1_400 ? [n] : []));
    expect(slow).toEqual([10]); // after the list of chats and ten pages
    const ends = bed.service.asked.filter(({ headers }) => headers.authorization === one).at(-1)?.at ?? 0;
    const begins = bed.service.asked.find(({ headers }) => headers.authorization === other)?.at ?? 0;
    expect(begins - ends).toBeGreaterThan(490);
  });
});
