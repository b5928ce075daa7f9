import { expect, test } from "@jest/globals";
import { parseAddress } from "../../../scripts/lib/db/address.ts";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addAudits, addBusyLeads, holdAt } from "../../helpers/audits.ts";
import { addLead } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { addHostileCrm } from "../../helpers/hostile.ts";
import { numbersOf, runInProcess, until } from "../../helpers/script.ts";

const db = useDatabase();

const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);

test.each(SEEDS)("its numbers are those of the run, on the random CRM %i", async (seed) => {
  await addHostileCrm(db, seed);
  const options = [
    ["--chunk-size", String(1 + (seed % 7))],
    seed % 3 === 0 ? ["--actors", "customer,tool"] : [],
    seed % 5 === 0 ? ["--limit", "4"] : [],
  ].flat();
  // Twice: the second time, most of it is there, and a limit goes on from the checkpoint.
  for (const _ of [1, 2]) {
    const dry = await runInProcess(batch, db, [...options, "--dry-run"]);
    const real = await runInProcess(batch, db, options);
    expect(numbersOf(dry)).toEqual(numbersOf(real));
    expect(dry.document.mode).toBe("dry-run");
    expect(dry.document.runId).toBeNull();
  }
});

test("it leaves no row and no change in any table", async () => {
  await addHostileCrm(db, 100);
  const everything = async () => ({
    ...(await db.snapshot()),
    runs: (await db.query("select * from migration_runs")).rows,
    audits: (await db.query('select count(*) from "Audit"')).rows,
  });
  const before = await everything();
  await runInProcess(batch, db, ["--dry-run"]);
  await runInProcess(batch, db, ["--dry-run", "--retry-errors"]);
  expect(await everything()).toEqual(before);
});

test("a role that may only read is enough, and what batch 4 itself makes is not needed", async () => {
  await addBusyLeads(db, 5, 4);
  await db.query('drop index "Message_audit_id_key"');
  const role = `reader_${Date.now()}_${process.pid}`;
  await db.query(`create role ${role} login password 'only-reads'`);
  try {
    await db.query(`grant select on all tables in schema public to ${role}`);
    const url = new URL(db.url);
    url.username = role;
    url.password = "only-reads";
    const { document, exitCode } = await runInProcess(batch, { address: parseAddress(url.href) }, ["--dry-run"]);
    expect(document.stats).toMatchObject({ conversationsCreated: 5, messagesCreated: 20 });
    expect(exitCode).toBe(0);
    await expect(runInProcess(batch, { address: parseAddress(url.href) })).rejects.toMatchObject({ code: "42501" });
  } finally {
    await db.query(`drop owned by ${role}`);
    await db.query(`drop role ${role}`);
  }
});

test("it takes no lock: it runs beside a run, begins at its checkpoint, and blocks nobody", async () => {
  const lead = await addLead(db);
  await addAudits(db, lead, 10);
  const hold = await holdAt(db, "text 5");
  const real = runInProcess(batch, db, ["--chunk-size", "1"]);
  await until(hold.reached);
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  await hold.letGo();
  expect(dry.document).toMatchObject({ status: "completed", resumedFrom: (await real).document.runId });
  // Four pages were stored; their messages lie before the checkpoint.
  expect(dry.document.stats).toMatchObject({ auditsProcessed: 6, messagesCreated: 6, conversationsCreated: 0 });
});

test("it holds no advisory lock while it reads", async () => {
  await addBusyLeads(db, 50, 10);
  let seen = 0;
  const locks = async () => {
    const { rows } = await db.query<{ reading: boolean; locks: string }>(
      `select count(*) filter (where a.application_name = 'crm-migrations') > 0 as reading,
              (select count(*) from pg_locks
                where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
              ) as locks
         from pg_stat_activity a where a.datname = current_database()`,
    );
    if (rows[0]?.reading === true) seen += 1;
    return Number(rows[0]?.locks);
  };
  let done = false;
  const run = runInProcess(batch, db, ["--dry-run", "--chunk-size", "2"]).finally(() => {
    done = true;
  });
  while (!done) expect(await locks()).toBe(0);
  await run;
  expect(seen).toBeGreaterThan(3);
});
