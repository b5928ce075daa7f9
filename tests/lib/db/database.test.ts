/** What a connection does that breaks while nobody waits for it. */
import { expect, test } from "@jest/globals";
import type pg from "pg";
import { backendOf } from "../../../scripts/lib/db/cancel.ts";
import { openConnection, openDatabase } from "../../../scripts/lib/db/database.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase();

const endOf = (connection: pg.ClientBase) => new Promise<void>((resolve) => connection.once("end", resolve));
const terminate = (connection: pg.Client) => db.query("select pg_terminate_backend($1, 5000)", [backendOf(connection)]);

test("a connection that breaks while it is idle rejects its next query, and ends nothing else", async () => {
  const connection = await openConnection(db.address);
  const ended = endOf(connection);
  await terminate(connection);
  await ended;
  await expect(connection.query("select 1")).rejects.toThrow(/not queryable|closed|terminat/);
  await connection.end();
});

test("a connection that breaks at work rejects the query it is busy with", async () => {
  const connection = await openConnection(db.address);
  const busy = expect(connection.query("select pg_sleep(60)")).rejects.toThrow(/terminat/);
  await terminate(connection);
  await busy;
  await connection.end();
});

test("one that a pool has lent out does the same, and the pool goes on", async () => {
  const pooled = openDatabase(db.address, { max: 1 });
  const lent = await pooled.pool.connect();
  const ended = endOf(lent);
  await terminate(lent as unknown as pg.Client);
  await ended;
  await expect(lent.query("select 1")).rejects.toThrow(/not queryable|closed|terminat/);
  lent.release();
  expect((await pooled.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  await pooled.close();
});
