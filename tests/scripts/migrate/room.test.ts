/** What `up` finds out about the server before it begins. */
import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { readDisk } from "../../../scripts/lib/commands/up/disk.ts";
import { judgeRoom } from "../../../scripts/lib/commands/up/preflight.ts";
import { parseAddress } from "../../../scripts/lib/db/address.ts";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { MustWait, RunFailed } from "../../../scripts/lib/errors.ts";
import { useDatabase } from "../../helpers/database.ts";

const MB = 1024 ** 2;
const db = useDatabase();

const diskAt = (url: string) => withDatabase(parseAddress(url), { max: 1 }, readDisk);

/** Where TEST_DATABASE_URL names a server elsewhere, its disk can't be seen. */
const testOnOwnServer = process.env.TEST_DATABASE_URL === undefined ? test : test.skip;

test("room enough is said in two lines", () => {
  expect(judgeRoom({ databaseBytes: 20 * MB, freeBytes: 100 * MB, freeConnections: 90 })).toEqual([
    "Connections: 90 free; a run takes 4 to 11.",
    "Disk: the database has 20 MB; 100 MB free.",
  ]);
});

test("a disk that can't be seen is called so; one with less room than the database has is warned of", () => {
  const room = { databaseBytes: 200 * MB, freeConnections: 90 };
  expect(judgeRoom({ ...room, freeBytes: undefined })[1]).toBe(
    "Disk: the database has 200 MB; how much is free can't be seen from here.",
  );
  expect(judgeRoom({ ...room, freeBytes: 100 * MB })[2]).toBe(
    "Warning: messages and their indexes may need as much room again.",
  );
});

test("too few connections have to be waited for, and a full disk is a failure", () => {
  const room = { databaseBytes: 20 * MB, freeBytes: 100 * MB, freeConnections: 90 };
  expect(() => judgeRoom({ ...room, freeConnections: 3 })).toThrow(MustWait);
  expect(() => judgeRoom({ ...room, freeBytes: 63 * MB })).toThrow(RunFailed);
});

testOnOwnServer("of a server on this machine the free room is read", async () => {
  const { databaseBytes, freeBytes } = await diskAt(db.url);
  expect(databaseBytes).toBeGreaterThan(5 * MB);
  expect(freeBytes).toBeGreaterThan(0);
});

test("a role that may not know where the data lies is enough", async () => {
  const role = `reader_${randomUUID().slice(0, 8)}`;
  await db.query(`create role ${role} login password 'only-reads'`);
  try {
    const url = Object.assign(new URL(db.url), { username: role, password: "only-reads" });
    expect(await diskAt(url.href)).toEqual({ databaseBytes: expect.any(Number), freeBytes: undefined });
  } finally {
    await db.query(`drop role ${role}`);
  }
});
