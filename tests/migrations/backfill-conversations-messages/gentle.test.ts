import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import pg from "pg";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addAudit, addAudits, addBusyLeads } from "../../helpers/audits.ts";
import { addLead, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, until } from "../../helpers/script.ts";

const db = useDatabase();
const run = (...argv: string[]) => runInProcess(batch, db, argv);

/** Another session of the CRM's, for the time of `work`. */
async function withSession<T>(work: (session: pg.Client) => Promise<T>): Promise<T> {
  const session = new pg.Client(db.url);
  await session.connect();
  return work(session).finally(() => session.end());
}

/** A conversation of this lead that the next run must update, and that the session holds. */
async function holdConversation(session: pg.Client, leadId: string): Promise<void> {
  await addAudit(db, leadId, { created_at: "2025-02-01T00:00:00Z", payload: { text: "newer" } });
  await session.query("begin");
  await session.query(`select 1 from "Conversation" where lead_id = $1 for update`, [leadId]);
}

test("a page that waits too long for a lock is halved: what is free is stored, the rest when the lock is let go", async () => {
  const held = await addLead(db, { id: "ffff0000-0000-4000-8000-000000000000" });
  await addAudits(db, held, 2);
  await run();
  await addBusyLeads(db, 20, 5);
  await withSession(async (session) => {
    await holdConversation(session, held);
    const running = run("--lock-timeout", "100ms", "--workers", "1");
    await until(async () => (await countRows(db, "Message")) >= 52, "half of the page");
    await until(
      async () => /55P03/.test((await rowsOf(db, "migration_runs", "id"))[1]?.progress?.waiting),
      "the reason",
    );
    await session.query("commit");
    const { document, exitCode } = await running;
    expect(document.stats).toMatchObject({ messagesCreated: 101, errors: 0 });
    expect(exitCode).toBe(0);
  });
});

test("a lock that nobody lets go ends the run with 75 and the reason; the same command goes on later", async () => {
  const held = await addLead(db, { id: "f0000000-0000-4000-8000-000000000000" });
  await addAudits(db, held, 2);
  await run();
  await addAudits(db, await addLead(db, { id: "00000000-0000-4000-8000-000000000001" }), 8);
  await withSession(async (session) => {
    await holdConversation(session, held);
    const { document, exitCode } = await run("--lock-timeout", "50ms", "--max-wait", "500ms");
    expect(exitCode).toBe(75);
    expect(document.status).toBe("waiting");
    expect(document.message).toMatch(/lock timeout \(SQLSTATE 55P03\).*Run the same command again/);
    expect(await countRows(db, "migration_errors")).toBe(0);
    await session.query("commit");
  });
  const { document, exitCode } = await run();
  expect(exitCode).toBe(0);
  expect(document.resumedFrom).toBeDefined();
  expect(await countRows(db, "Message")).toBe(11);
});

test("a page that takes too long is halved until its parts are quick enough", async () => {
  await addBusyLeads(db, 10, 10);
  await db.query(`create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.01); return new; end $$;
                  create trigger slow before insert on "Message" for each row execute function slow()`);
  const { document, exitCode } = await run("--statement-timeout", "300ms", "--workers", "1");
  expect(document.stats).toMatchObject({ messagesCreated: 100, errors: 0 });
  expect(exitCode).toBe(0);
  const { rows } = await db.query(`select count(distinct xmin::text)::int as transactions from "Message"`);
  expect(rows[0]?.transactions).toBeGreaterThan(3);
});

test("pages become smaller where they take longer than --target-ms, and larger where they take less", async () => {
  await addBusyLeads(db, 100, 30);
  await db.query(`create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.001); return new; end $$;
                  create trigger slow before insert on "Message" for each row execute function slow()`);
  const { output } = await run("--target-ms", "200", "--workers", "1");
  const sizes = [...output.matchAll(/pages of ([\d,]+)/g)].map(([, size = ""]) => Number(size.replace(",", "")));
  expect(sizes.at(-1)).toBeLessThan(220);
  expect(sizes.at(-1)).toBeGreaterThanOrEqual(50);
});

test("a long transaction of somebody else's makes the run wait, say why, and go on when it has ended", async () => {
  await addBusyLeads(db, 5, 5);
  await withSession(async (session) => {
    await session.query("begin");
    await sleep(200);
    const running = run("--max-transaction-age", "100ms");
    await until(
      async () => /transaction/.test((await rowsOf(db, "migration_runs", "id"))[0]?.progress?.waiting),
      "the reason",
    );
    expect(await countRows(db, "Message")).toBe(0);
    await session.query("commit");
    const { output, exitCode } = await running;
    expect(output).toMatch(/waiting: .*transaction.* \(--max-transaction-age 100ms\)/);
    expect(exitCode).toBe(0);
    expect((await rowsOf(db, "migration_runs", "id"))[0]?.progress).not.toHaveProperty("waiting");
  });
});

test("a limit that stays exceeded ends the run with 75 after --max-wait; with --no-gate nothing is asked", async () => {
  await addBusyLeads(db, 5, 5);
  const { document, exitCode } = await run("--min-connections", "100000", "--max-wait", "200ms");
  expect({ exitCode, status: document.status }).toEqual({ exitCode: 75, status: "waiting" });
  expect(document.message).toMatch(/--min-connections 100000/);
  expect(await countRows(db, "Message")).toBe(0);
  expect((await run("--min-connections", "100000", "--no-gate")).exitCode).toBe(0);
});

test("a dry run asks for nothing, and waits for nobody", async () => {
  await addBusyLeads(db, 5, 5);
  expect((await run("--dry-run", "--min-connections", "100000")).exitCode).toBe(0);
});
