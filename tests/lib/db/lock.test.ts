import { expect, test } from "@jest/globals";
import pg from "pg";
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

const endHolders = () =>
  db.query(
    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and pid <> pg_backend_pid()",
  );

test("a lock whose connection is lost is taken again, and the work goes on", async () => {
  await withRunLock(db.address, "a-script", async (lost) => {
    for (let times = 0; times < 2; times += 1) {
      await endHolders();
      await until(async () => !(await tryFromSql("a-script")));
    }
    expect(lost.aborted).toBe(false);
  });
  expect(await tryFromSql("a-script")).toBe(true);
});

test("work is told when somebody else has the lock by then", async () => {
  const other = new pg.Client(db.url);
  await other.connect();
  const reason = await withRunLock(db.address, "a-script", async (lost) => {
    const taking = other.query("select pg_advisory_lock(hashtextextended('crm-migrations:a-script', 0))");
    await endHolders();
    await taking;
    await new Promise((resolve) => lost.addEventListener("abort", resolve));
    return lost.reason;
  });
  await other.end();
  expect(String(reason)).toMatch(/The lock was lost with its connection: a-script is already running/);
});
