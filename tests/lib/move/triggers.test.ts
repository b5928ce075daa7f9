import { beforeEach, expect, test } from "@jest/globals";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { inTransaction } from "../../../scripts/lib/db/transaction.ts";
import { withoutTriggers } from "../../../scripts/lib/move/triggers.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase({ empty: true });

beforeEach(async () => {
  await db.query(`
    create table t (id integer primary key, parent integer references t, touched integer default 0);
    create function touch() returns trigger language plpgsql as $$ begin new.touched := new.touched + 1; return new; end $$;
    create trigger "first ""one""" before update on t for each row execute function touch();
    create trigger always before update on t for each row execute function touch();
    create trigger resting before update on t for each row execute function touch();
    alter table t enable always trigger always, disable trigger resting;
    insert into t values (1)`);
});

const update = (sql: string, fails = false) =>
  withDatabase(db.address, {}, (database) =>
    inTransaction(database, {}, (tx) =>
      withoutTriggers(tx, '"public"."t"', async () => {
        await tx.query(sql);
        if (fails) throw new Error("Killed");
      }),
    ),
  );

const state = async () => {
  const { rows } = await db.query<{ state: string }>(
    "select string_agg(tgname || ' ' || tgenabled::text, ', ' order by tgname) as state from pg_trigger where not tgisinternal",
  );
  return rows[0]?.state;
};

test("Triggers rest for the time of the work, and are then as they were", async () => {
  const before = await state();
  await update("update t set parent = 1");
  expect((await db.query("select touched from t")).rows).toEqual([{ touched: 0 }]);
  expect(await state()).toBe(before);
  await db.query("update t set parent = null");
  expect((await db.query("select touched from t")).rows).toEqual([{ touched: 2 }]);
});

test("Work that fails leaves them as they were", async () => {
  const before = await state();
  await expect(update("update t set parent = 1", true)).rejects.toThrow("Killed");
  expect(await state()).toBe(before);
});

test("Foreign keys are checked all the same", async () => {
  await expect(update("update t set parent = 7")).rejects.toMatchObject({ code: "23503" });
});
