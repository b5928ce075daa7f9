import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import pg from "pg";
import { type Database, openConnection } from "../../../scripts/lib/db/database.ts";
import { useDatabase } from "../../helpers/database.ts";
import { asRun, lookOnce, lookUntil } from "./looks.ts";

const db = useDatabase({ empty: true });

const OLD = { maxTransactionAgeMs: 200 };

/** A session of somebody else's for the time of `work`. */
async function withOther<T>(work: (other: pg.Client) => Promise<T>, application = "psql"): Promise<T> {
  const other = new pg.Client({ connectionString: db.url, application_name: application });
  await other.connect();
  return work(other).finally(() => other.end());
}

const inRun = <T>(work: (run: Database) => Promise<T>) => asRun(db.address, work);

test("an old transaction of another session is named, and is forgotten when it ends", async () => {
  await inRun((run) =>
    withOther(async (other) => {
      await other.query("begin; select 1");
      expect(await lookOnce(run, { maxTransactionAgeMs: 60_000 })).toBeUndefined();
      const verdict = await lookUntil(run, OLD, (seen) => seen !== undefined);
      expect(verdict?.reason).toMatch(
        /^the transaction of session \d+ \(psql\) has been open for \d\.\d s \(--max-transaction-age 200ms\)$/,
      );
      await other.query("commit");
      expect(await lookOnce(run, OLD)).toBeUndefined();
    }),
  );
});

test("a session without a name is called by its role", async () => {
  await inRun((run) =>
    withOther(async (other) => {
      await other.query("begin; select 1");
      const verdict = await lookUntil(run, OLD, (seen) => seen !== undefined);
      expect(verdict?.reason).toMatch(/^the transaction of session \d+ \(postgres\)/);
    }, ""),
  );
});

test("a statement that runs for long is a transaction, too", async () => {
  await inRun((run) =>
    withOther(async (other) => {
      const slow = other.query("select pg_sleep(1)");
      expect((await lookUntil(run, OLD, (seen) => seen !== undefined))?.reason).toContain("has been open for");
      await slow;
    }),
  );
});

test("our own transactions, idle sessions and those of other databases are left out", async () => {
  const stranger = new pg.Client({ connectionString: process.env.TEST_ADMIN_URL ?? "", application_name: "psql" });
  await stranger.connect();
  await inRun((run) =>
    withOther(async (idle) => {
      await idle.query("select 1");
      await stranger.query("begin; select 1");
      const ours = await openConnection(db.address);
      await ours.query("begin; select 1");
      await sleep(400);
      expect(await lookOnce(run, OLD)).toBeUndefined();
      await ours.end();
    }),
  ).finally(() => stranger.end());
});

/** Clients that all want the row that ours has locked, each a session that waits. */
async function queueFor(locker: string, wanters: number, work: () => Promise<void>): Promise<void> {
  await db.query("create table things (id int primary key); insert into things values (1)");
  const holder = new pg.Client({ connectionString: db.url, application_name: locker });
  await holder.connect();
  await holder.query("begin; select from things where id = 1 for update");
  const waiting = Array.from({ length: wanters }, () =>
    withOther((other) => other.query("select from things where id = 1 for update")),
  );
  try {
    await untilWaiting(wanters);
    await work();
  } finally {
    await holder.end();
    await Promise.all(waiting);
  }
}

async function untilWaiting(wanters: number): Promise<void> {
  for (;;) {
    const { rows } = await db.query<{ count: number }>(
      `select count(distinct pid)::int as count
         from pg_locks
        where not granted
          and pid in (select pid from pg_stat_activity where datname = current_database())`,
    );
    if (rows[0]?.count === wanters) return;
    await sleep(20);
  }
}

test("sessions that wait for our locks are counted, also those in the queue behind the first", async () => {
  await queueFor("crm-migrations", 4, () =>
    inRun(async (run) => {
      expect(await lookOnce(run, { maxWaiting: 4 })).toBeUndefined();
      expect(await lookOnce(run, { maxWaiting: 3 })).toEqual({
        reason: "4 sessions wait for our locks (--max-waiting 3)",
        smaller: true,
      });
    }),
  );
});

test("one that waits is one session", async () => {
  await queueFor("crm-migrations", 1, () =>
    inRun(async (run) => {
      const verdict = await lookOnce(run, { maxWaiting: 0 });
      expect(verdict?.reason).toBe("1 session waits for our locks (--max-waiting 0)");
    }),
  );
});

test("sessions that wait for somebody else, and ours that wait for others, are not counted", async () => {
  await queueFor("psql", 3, () =>
    inRun(async (run) => {
      const ours = run.query("select from things where id = 1 for update");
      await untilWaiting(4);
      expect(await lookOnce(run, { maxWaiting: 0 })).toBeUndefined();
      ours.catch(() => undefined);
      await run.query(
        `select pg_cancel_backend(pid)
           from pg_stat_activity
          where datname = current_database() and application_name = 'crm-migrations' and pid <> pg_backend_pid()`,
      );
      await expect(ours).rejects.toMatchObject({ code: "57014" });
    }),
  );
});

test("several limits that are exceeded are all named", async () => {
  await queueFor("crm-migrations", 1, () =>
    inRun(async (run) => {
      await sleep(300);
      const verdict = await lookOnce(run, { maxWaiting: 0, ...OLD });
      expect(verdict?.reason).toMatch(/^the transaction of session \d+ .*; 1 session waits for our locks .*$/);
      expect(verdict?.smaller).toBe(true);
    }),
  );
});
