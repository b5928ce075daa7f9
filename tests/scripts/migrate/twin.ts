/** A second database, equal to the test's own to the last column: for what two people reach in two ways. */
import { afterEach } from "@jest/globals";
import pg from "pg";
import { quoteName } from "../../../scripts/lib/db/quote.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { type Snapshot, takeSnapshot } from "../../helpers/snapshot.ts";

export interface Twin {
  readonly url: string;
  /** Every table's rows. */
  snapshot(): Promise<Snapshot>;
}

/** Returns how to clone the test's database as it is at that moment. The clone is dropped after the test. */
export function useTwin(): (db: Pick<TestDatabase, "url">) => Promise<Twin> {
  const made: { name: string; pool: pg.Pool }[] = [];

  afterEach(async () => {
    for (const { name, pool } of made.splice(0)) {
      await pool.end();
      await asAdmin((admin) => admin.query(`drop database if exists ${quoteName(name)} with (force)`));
    }
  });

  return async ({ url }) => {
    const original = new URL(url).pathname.slice(1);
    const name = `${original}_twin`;
    await asAdmin(async (admin) => {
      // A database that somebody is connected to can't be cloned; the test's own pool connects anew when it is asked.
      await admin.query("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1", [original]);
      await admin.query(`create database ${quoteName(name)} template ${quoteName(original)}`);
    });
    const twin = new URL(url);
    twin.pathname = `/${name}`;
    const pool = new pg.Pool({ connectionString: twin.href, max: 1 });
    made.push({ name, pool });
    return { url: twin.href, snapshot: () => takeSnapshot(pool) };
  };
}

async function asAdmin(work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client(process.env.TEST_ADMIN_URL);
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
