import { beforeEach, describe, expect } from "@jest/globals";
import pg from "pg";
import { parseAddress } from "../../../scripts/lib/db/address.ts";
import { applyFolders } from "../../../scripts/lib/schema/engine.ts";
import { listFolders } from "../../../scripts/lib/schema/folders.ts";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import customers from "../../../scripts/migrations/backfill-customers.ts";
import { addAudit, addBusyLeads } from "../../helpers/audits.ts";
import { addConversation, addLead, addMessage, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { psql, testWithPsql } from "./psql.ts";
import { fileOf, rollBack } from "./rollback.ts";

describe("On a database with every batch", () => {
  const db = useDatabase();

  beforeEach(async () => {
    await addBusyLeads(db, 4, 3);
    const lead = await addLead(db);
    await addConversation(db, {
      lead_id: lead,
      metadata: { source: "audit_backfill" },
      last_message_at: "2024-07-01Z",
    });
    await addAudit(db, lead);
  });

  testWithPsql("both rollbacks, in any time zone, leave what was there, and print one table each", async () => {
    const database = new URL(db.url).pathname.slice(1);
    const before = await db.snapshot();
    await runInProcess(customers, db);
    const linked = await db.snapshot();
    await runInProcess(conversations, db);
    await db.query(`alter database ${database} set timezone = 'America/St_Johns'`);
    for (const batch of [4, 3] as const) {
      const { exitCode, stdout, stderr } = await psql(db.url, fileOf(batch, "rollback"), { PGTZ: "Asia/Kolkata" });
      expect([exitCode, stderr]).toEqual([
        0,
        expect.stringMatching(/^psql:[^\n]*rolling back ALL runs of batch \d\n$/),
      ]);
      expect(stdout.match(/^ table_name \| row_id \| reason $/gm)).toHaveLength(1);
      expect(stdout).toContain("(0 rows)");
      expect(await db.snapshot()).toEqual(batch === 4 ? linked : before);
    }
  });

  testWithPsql("PGOPTIONS limits a rollback to one run, and what is kept is printed", async () => {
    const { document } = await runInProcess(conversations, db, ["--limit", "2"]);
    await runInProcess(conversations, db);
    const made = (await rowsOf(db, "Conversation")).filter(({ metadata }) => metadata.runId === document.runId);
    const id = made[0]?.id;
    await addMessage(db, id, { content: "live" });
    const { exitCode, stdout, stderr } = await psql(db.url, fileOf(4, "rollback"), {
      PGOPTIONS: `-c backfill.run_id=${document.runId}`,
    });
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining(`rolling back run ${document.runId}\n`)]);
    expect(stdout).toMatch(new RegExp(`^ Conversation \\| ${id} \\| holds messages that stay$`, "m"));
    expect((await rowsOf(db, "migration_runs", "id")).map(({ status }) => status)).toEqual([
      "rolled_back",
      "completed",
    ]);
  });

  testWithPsql("an unknown run, and a run at work, end with 3 and one error, and change nothing", async () => {
    await runInProcess(conversations, db);
    const before = await db.snapshot();
    const unknown = await psql(db.url, fileOf(4, "rollback"), { PGOPTIONS: "-c backfill.run_id=4711" });
    expect([unknown.exitCode, unknown.stderr]).toEqual([
      3,
      expect.stringMatching(/ERROR: {2}nothing was changed: .*4711/),
    ]);
    const holder = new pg.Client(db.url);
    await holder.connect();
    await holder.query(
      "select pg_advisory_lock(hashtextextended('crm-migrations:backfill-conversations-messages', 0))",
    );
    const busy = await psql(db.url, fileOf(4, "rollback"));
    await holder.end();
    expect([busy.exitCode, busy.stderr]).toEqual([
      3,
      expect.stringMatching(/ERROR: {2}nothing was changed: a run of .* at work/),
    ]);
    expect(`${unknown.stderr}${busy.stderr}`.match(/ERROR/g)).toHaveLength(2);
    expect(await db.snapshot()).toEqual(before);
  });

  testWithPsql("a role that owns the tables and is no superuser may roll back and verify", async () => {
    const before = await db.snapshot();
    const role = `owner_${Date.now()}_${process.pid}`;
    await db.query(`create role ${role} login password 'owns-tables'`);
    try {
      await db.query(`do $$ declare t text; begin
                        for t in select quote_ident(relname) from pg_class
                                  where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')
                        loop execute 'alter table ' || t || ' owner to ${role}'; end loop; end $$`);
      const url = new URL(db.url);
      url.username = role;
      url.password = "owns-tables";
      const theirs = { address: parseAddress(url.href) };
      await runInProcess(customers, theirs);
      await runInProcess(conversations, theirs);
      for (const batch of [3, 4] as const)
        expect(await psql(url.href, fileOf(batch, "verify"))).toMatchObject({ exitCode: 0 });
      expect(await psql(url.href, fileOf(4, "rollback"))).toMatchObject({ exitCode: 0 });
      await rollBack(theirs, 3);
      expect(await db.snapshot()).toEqual(before);
    } finally {
      await db.query(`reassign owned by ${role} to current_user`);
      await db.query(`drop role ${role}`);
    }
  });
});

describe("On an empty database", () => {
  const db = useDatabase({ empty: true });

  testWithPsql.each([3, 4] as const)("the rollback of batch %i says that batch 1 is missing", async (batch) => {
    const { exitCode, stdout, stderr } = await psql(db.url, fileOf(batch, "rollback"));
    expect([exitCode, stdout.match(/table_name/)]).toEqual([3, null]);
    expect(stderr.match(/ERROR: .*/g)).toEqual([
      `ERROR:  nothing was changed: batch 1 is not applied here, so there is nothing of batch ${batch}`,
    ]);
    await expect(rollBack(db, batch)).rejects.toThrow("nothing was changed: batch 1 is not applied here");
  });

  testWithPsql("a schema of the URL's own is rolled back and verified there", async () => {
    const address = parseAddress(`${db.url}?schema=crm`);
    await db.query("create schema crm");
    await applyFolders(address, await listFolders());
    const inSchema = new pg.Pool({ connectionString: db.url, max: 1, options: "-c search_path=crm" });
    try {
      await addBusyLeads(inSchema, 3, 2);
      for (const rollback of [
        (batch: 3 | 4) => psql(address.display, fileOf(batch, "rollback")),
        (batch: 3 | 4) => rollBack({ address }, batch),
      ]) {
        for (const batch of [customers, conversations]) await runInProcess(batch, { address });
        for (const batch of [3, 4] as const)
          expect(await psql(address.display, fileOf(batch, "verify"))).toMatchObject({ exitCode: 0 });
        for (const batch of [4, 3] as const) await rollback(batch);
        expect([await countRows(inSchema, "Message"), await countRows(inSchema, "Customer")]).toEqual([0, 0]);
      }
    } finally {
      await inSchema.end();
    }
  });
});
