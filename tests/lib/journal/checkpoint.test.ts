import { expect, test } from "@jest/globals";
import {
  type Checkpoint,
  clearCheckpoint,
  cutPart,
  endPart,
  isSavedBy,
  loadCheckpoint,
  replaceCheckpoint,
  saveCursor,
  takeLease,
} from "../../../scripts/lib/journal/checkpoint.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase();

const SCRIPT = "a-script";
const lease = (runId: number, partition = "1") => ({ script: SCRIPT, partition, runId });
const WHOLE = { partition: "1", after: null, until: null, done: false };
const CHAIN = { stage: 2, selection: { actors: "agent" }, firstRunId: 1 };
const begin = (runId: number, parts: Checkpoint["parts"] = [WHOLE]) =>
  replaceCheckpoint(db, SCRIPT, { ...CHAIN, parts, runId });

test("the cursor comes back as it was saved, with the options that it belongs to", async () => {
  await begin(1);
  const after = {
    id: "9007199254740993",
    createdAt: "2025-01-01 00:00:00.000001+00",
    done: false,
    page: 3,
    mark: null,
  };
  await saveCursor(db, lease(1), after);
  expect(await loadCheckpoint(db, SCRIPT)).toEqual({ ...CHAIN, parts: [{ ...WHOLE, after }], runId: 1 });
  expect(await loadCheckpoint(db, "b-script")).toBeUndefined();
});

test("a part is cut into several, each with its own cursor, and one that is done says so", async () => {
  await begin(1);
  const others = [
    { partition: "2", after: { id: "m" }, until: { id: "t" }, done: false },
    { partition: "10", after: { id: "t" }, until: null, done: false },
  ];
  await cutPart(db, lease(1), { id: "m" }, others, CHAIN);
  await saveCursor(db, lease(1, "10"), { id: "u" });
  await endPart(db, lease(1, "2"));
  expect((await loadCheckpoint(db, SCRIPT))?.parts).toEqual([
    { ...WHOLE, until: { id: "m" } },
    { partition: "2", after: { id: "m" }, until: { id: "t" }, done: true },
    { partition: "10", after: { id: "u" }, until: null, done: false },
  ]);
});

test("who has lost the lease can neither save, nor share, nor end a stage, nor clear", async () => {
  await begin(1);
  await begin(2, [{ ...WHOLE, after: { id: "x" } }]);
  const lost = /Another run has taken over/;
  await expect(saveCursor(db, lease(1), { id: "y" })).rejects.toThrow(lost);
  await expect(cutPart(db, lease(1), { id: "y" }, [], CHAIN)).rejects.toThrow(lost);
  await expect(endPart(db, lease(1))).rejects.toThrow(lost);
  await db.query("begin");
  await expect(begin(1)).rejects.toThrow(lost);
  await db.query("rollback");
  await clearCheckpoint(db, lease(1));
  expect(await loadCheckpoint(db, SCRIPT)).toMatchObject({ runId: 2, parts: [{ after: { id: "x" } }], firstRunId: 1 });
  await clearCheckpoint(db, lease(2));
  expect(await loadCheckpoint(db, SCRIPT)).toBeUndefined();
});

test("a lease without a place in the source is no part of the checkpoint", async () => {
  await takeLease(db, lease(1, "retry"));
  expect(await loadCheckpoint(db, SCRIPT)).toBeUndefined();
  await saveCursor(db, lease(1, "retry"), { id: "y" });
  await takeLease(db, lease(2, "retry"));
  await expect(saveCursor(db, lease(1, "retry"), { id: "z" })).rejects.toThrow(/Another run/);
});

test("a cursor tells which transaction saved it", async () => {
  await begin(1);
  const { rows } = await db.query<{ xid: string }>(
    `with saved as (
       update migration_checkpoints set cursor = cursor where script = $1 returning pg_current_xact_id()::text as xid)
     select xid from saved`,
    [SCRIPT],
  );
  const xid = rows[0]?.xid ?? "";
  expect(await isSavedBy(db, lease(1), xid)).toBe(true);
  expect(await isSavedBy(db, lease(1), String(BigInt(xid) + 1n))).toBe(false);
  expect(await isSavedBy(db, lease(2), xid)).toBe(false);
});
