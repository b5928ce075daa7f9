/** What `rollback` won't do, and how it knows: nothing is changed in any of these. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { DRIVER_LOCK } from "../../../scripts/lib/commands/lock.ts";
import { withRunLock } from "../../../scripts/lib/db/lock.ts";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import customers from "../../../scripts/migrations/backfill-customers.ts";
import { addBusyLeads } from "../../helpers/audits.ts";
import { addCustomer } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { deskOn } from "./desk.ts";

describe("On a database with batches 1 to 4", () => {
  const db = useDatabase();
  let before: unknown;
  const state = async () => ({
    tables: await db.snapshot(),
    runs: (await db.query("select * from migration_runs order by id")).rows,
  });

  beforeEach(async () => {
    await addBusyLeads(db, 2, 2);
    await runInProcess(customers, db);
    await runInProcess(conversations, db);
    before = await state();
  });

  test.each<[string[], number, RegExp]>([
    [["3", "--yes"], 2, /^Out of order: batch 3 .* Roll back first 4 \(backfill-conversations-messages\)\.\n$/],
    [["1", "--yes"], 2, /Roll back first 4 \(.*\), then 3 \(.*\), then 2 \(add-fts-indexes\)\.\n$/],
    [["3", "--dry-run"], 2, /^Out of order/],
    [
      ["5", "--yes"],
      2,
      /^Batch 5, backfill-memory-notes, is not applied to this database: there is nothing to roll back/,
    ],
    [["4", "--run", "1", "--yes"], 2, /^Run 1 is not a run of batch 4, .* runs 4 lists them\.\n$/],
    [["4", "--run", "4711", "--dry-run"], 2, /^Run 4711 is not a run of batch 4/],
    [["4", "--run", "none"], 2, /^--run takes a whole number/],
    [["44", "--yes"], 2, /^BATCH is one of 1, 2, .*, not "44"\.\n$/],
    [["--yes"], 2, /^BATCH is missing\./],
    [["4"], 2, /^Nothing was changed: where there is no terminal to ask on, rollback needs --yes\. --dry-run shows/],
  ])("rollback %j exits %i with one line", async (argv, exitCode, message) => {
    const done = await deskOn(db)("rollback", ...argv);
    expect([done.exitCode, done.stderr]).toEqual([exitCode, expect.stringMatching(message)]);
    expect(await state()).toEqual(before);
  });

  test("a run that did not come to its end is in the way, too", async () => {
    await db.query(
      `insert into migration_runs (batch, script, mode, status, host, pid)
       values (5, 'backfill-memory-notes', 'write', 'interrupted', 'here', 1)`,
    );
    const done = await deskOn(db, { json: true })("rollback", "4", "--yes");
    expect([done.exitCode, done.json]).toEqual([
      2,
      { command: "rollback", exitCode: 2, message: expect.stringContaining("first 5 (backfill-memory-notes)") },
    ]);
  });

  test.each([["--yes"], ["--dry-run"]])("while a run is at work it must wait (%s)", async (way) => {
    await withRunLock(db.address, "backfill-conversations-messages", async () => {
      const done = await deskOn(db)("rollback", "4", way);
      expect([done.exitCode, done.stderr]).toEqual([
        75,
        "Nothing was changed: a run of backfill-conversations-messages is at work. Roll back when it has ended.\n",
      ]);
    });
    expect(await state()).toEqual(before);
  });

  test("while another migrate.ts goes up or down it must wait; a rehearsal need not", async () => {
    await withRunLock(db.address, DRIVER_LOCK, async () => {
      expect(await deskOn(db)("rollback", "4", "--yes")).toMatchObject({ exitCode: 75 });
      expect(await deskOn(db)("rollback", "4", "--dry-run")).toMatchObject({ exitCode: 0 });
    });
    expect(await state()).toEqual(before);
  });

  const trigger = (table: string, event: string, body: string) =>
    db.query(`create function meddle() returns trigger language plpgsql as $$ begin ${body} end $$;
              create trigger meddle ${event} on "${table}" for each row execute function meddle()`);

  test.each<[string, () => Promise<unknown>, string]>([
    [
      "a table that the runs never wrote is touched",
      async () => trigger("Message", "after delete", `update "Lead" set name = 'changed'; return null;`),
      "rows of Lead, which the runs never wrote: 8",
    ],
    [
      "more rows go than the runs made",
      async () => {
        await db.query(
          `insert into "Conversation" (channel) values ('sms');
           insert into "Message" (conversation_id, role, content)
           select id, 'user', 'live' from "Conversation" where lead_id is null`,
        );
        await trigger("Message", "after delete", `delete from "Message" where content = 'live'; return null;`);
      },
      "Message: 5 rows go, the runs made 4 of them",
    ],
    [
      "more rows change than the runs changed",
      async () => {
        await db.query(`insert into "Conversation" (channel) values ('sms')`);
        await trigger("Message", "after delete", `update "Conversation" set tag = 'x'; return null;`);
      },
      "Conversation: 12 rows change, the runs changed 0",
    ],
    [
      "rows are added",
      async () =>
        trigger("Conversation", "after delete", `insert into "Conversation" (channel) values ('sms'); return null;`),
      "Conversation: 2 rows are added",
    ],
    ["a record is left", async () => trigger("Audit", "before delete", "return null;"), "left: an Audit row: "],
    [
      "other Audit rows go",
      async () => {
        await db.query(`insert into "Audit" (actor, action) values ('tool', 'other')`);
        await trigger("Audit", "after delete", `delete from "Audit" where actor = 'tool'; return null;`);
      },
      "Audit: 2 rows go, of which 1 are the runs'",
    ],
    [
      "a part of a table goes",
      async () => {
        await trigger("migration_runs", "after update", `alter table "Customer" drop column email; return null;`);
      },
      "the column Customer.email, which is not the batch's",
    ],
  ])("where %s, it says so and keeps all", async (_, arrange, complaint) => {
    await arrange();
    const arranged = await state();
    for (const way of ["--dry-run", "--yes"]) {
      const done = await deskOn(db)("rollback", "4", way);
      expect([done.exitCode, done.stderr]).toEqual([1, expect.stringMatching(/^Nothing was changed: .*\n$/)]);
      expect(done.stderr).toContain(complaint);
    }
    expect(await state()).toEqual(arranged);
  });

  test("where a row that says it is the runs' would be left, it says so and keeps all", async () => {
    const copied = await db.query<{ id: string }>(
      `update "Message" set id = gen_random_uuid() where id = (select id from "Message" limit 1) returning id`,
    );
    const arranged = await state();
    const done = await deskOn(db)("rollback", "4", "--yes");
    expect([done.exitCode, done.stderr]).toEqual([
      1,
      expect.stringContaining(`would not do what it should: left in Message: ${copied.rows[0]?.id}. Look into it`),
    ]);
    expect(await state()).toEqual(arranged);
  });

  test("a row that somebody holds is waited for, not for ever: run again then", async () => {
    const holder = new pg.Client(db.url);
    await holder.connect();
    try {
      await holder.query(`begin; select from "Conversation" for update`);
      const done = await deskOn(db)("rollback", "4", "--yes");
      expect([done.exitCode, done.stderr]).toEqual([75, expect.stringContaining("due to lock timeout")]);
    } finally {
      await holder.end();
    }
    expect(await state()).toEqual(before);
  }, 30_000);

  test("an empty customer of another run stays as it is", async () => {
    const id = await addCustomer(db, { metadata: { createdBy: "somebody.ts", runId: 2 } });
    expect(await deskOn(db)("rollback", "4", "--yes")).toMatchObject({ exitCode: 0 });
    expect((await db.query('select from "Customer" where id = $1', [id])).rowCount).toBe(1);
  });
});

describe("On an empty database", () => {
  const db = useDatabase({ empty: true });

  test.each([1, 2, 4])("there is nothing of batch %i", async (number) => {
    const done = await deskOn(db)("rollback", String(number), "--yes");
    expect([done.exitCode, done.stderr]).toEqual([2, expect.stringContaining("is not applied to this database")]);
  });
});
