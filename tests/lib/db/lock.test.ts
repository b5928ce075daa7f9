import { expect, test } from "@jest/globals";
import { withRunLock } from "../../../scripts/lib/db/lock.ts";
import { MustWait } from "../../../scripts/lib/errors.ts";
import { useDatabase } from "../../helpers/database.ts";
import { until } from "../../helpers/script.ts";

const db = useDatabase();

/** The lock as rollback.sql takes it. */
const tryFromSql = async (script: string) =>
  (
    await db.query<{ locked: boolean }>(
      "select pg_try_advisory_xact_lock(hashtextextended('crm-migrations:' || $1, 0)) as locked",
      [script],
    )
  ).rows[0]?.locked;

test("the lock is held while the work runs, also against rollback.sql, and is free afterwards", async () => {
  const during = await withRunLock(db.address, "a-script", () => tryFromSql("a-script"));
  expect(during).toBe(false);
  expect(await tryFromSql("a-script")).toBe(true);
});

test("it is free again when the work fails", async () => {
  const failing = withRunLock(db.address, "a-script", () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  expect(await tryFromSql("a-script")).toBe(true);
});

test("another holder is named with its session and since when; another script's lock is another", async () => {
  await withRunLock(db.address, "a-script", async () => {
    const second = withRunLock(db.address, "a-script", () => Promise.resolve("never"));
    await expect(second).rejects.toThrow(MustWait);
    await expect(second).rejects.toThrow(
      /^a-script is already running on this database: session \d+ \(crm-migrations\) holds its lock since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\./,
    );
    expect(await withRunLock(db.address, "b-script", () => Promise.resolve("other"))).toBe("other");
  });
});

test("work is told when the connection that holds the lock is lost", async () => {
  const reason = await withRunLock(db.address, "a-script", async (lost) => {
    await db.query(
      "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()",
    );
    await until(() => lost.aborted);
    return lost.reason;
  });
  expect(String(reason)).toContain("The connection that held the lock was lost");
});
