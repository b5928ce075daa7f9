/** Roles that may read all, some, or nothing. */
import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { BATCHES } from "../../../scripts/lib/batches.ts";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addBusyLeads } from "../../helpers/audits.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { deskOn } from "./desk.ts";

const db = useDatabase();
let role = "";
let reader = { url: "" };

/** A test with a role that may read every table, and a run of batch 4. */
const testAsReader = (name: string, check: () => Promise<void>) =>
  test(name, async () => {
    role = `reader_${randomUUID().slice(0, 8)}`;
    const url = new URL(db.url);
    url.username = role;
    reader = { url: url.href };
    await db.query(`create role ${role} login; grant select on all tables in schema public to ${role}`);
    try {
      await addBusyLeads(db, 3, 2);
      await runInProcess(conversations, db);
      await check();
    } finally {
      await db.query(`drop owned by ${role}; drop role ${role}`);
    }
  });

const run = async (...argv: string[]) => deskOn(reader, { json: true })(...argv);
const revoke = (table: string) => db.query(`revoke select on ${table} from ${role}`);

testAsReader("a role that may only select sees what the owner sees", async () => {
  const own = await deskOn(db, { json: true })("status");
  const { exitCode, json } = await run("status");
  expect(exitCode).toBe(0);
  const withoutPlace = ({ database: _, ...rest }: Record<string, unknown>) => rest;
  expect(withoutPlace(json)).toEqual(withoutPlace(own.json));
  expect((await run("runs")).json.runs).toHaveLength(1);
  expect((await run("show", "1")).json).toMatchObject({
    effects: [{ table: "Conversation", action: "insert", rows: 3 }],
  });
});

testAsReader("what it may not read is unknown, and said to be; nothing is called pending for that", async () => {
  await revoke("migration_runs");
  const { exitCode, json, stderr } = await run("status", "--exit-code");
  expect(exitCode).toBe(1);
  expect(json.unreadable).toEqual(["migration_runs"]);
  expect(json.batches.map(({ state }: { state: string }) => state)).toEqual(
    BATCHES.map(({ kind }) => (kind === "schema" ? "done" : "unknown")),
  );
  expect(stderr).toContain("This role may not read migration_runs");
  const { exitCode: refused, json: failure } = await run("runs");
  expect([refused, failure.message]).toEqual([2, expect.stringContaining("migration_runs")]);
});

testAsReader("folders that it may not look up leave the schema batches unknown", async () => {
  await revoke("_prisma_migrations");
  const { json } = await run("status", "--no-verify");
  expect(json.batches.map(({ state }: { state: string }) => state).slice(0, 4)).toEqual([
    "unknown",
    "unknown",
    "pending",
    "done",
  ]);
});

testAsReader("a quarantine that it may not read is named, and the rest is told", async () => {
  await revoke("migration_errors, migration_checkpoints, migration_effects");
  const { json } = await run("status", "--no-verify");
  expect([json.unreadable, json.batches[3].state]).toEqual([["migration_checkpoints", "migration_errors"], "done"]);
  expect((await run("show", "1")).json).toMatchObject({ run: { id: 1 }, effects: null, quarantine: null });
});

testAsReader("checks that it may not run are named with the reason, and don't hold", async () => {
  await revoke(`"Message"`);
  const { exitCode, json } = await run("status", "--exit-code");
  expect([exitCode, json.batches[3].state, json.batches[3].verify.holds]).toEqual([1, "done", false]);
  expect(json.batches[3].verify.broken[0].message).toMatch(/permission denied for table Message/);
});

testAsReader("a schema that it may not look into is no empty database", async () => {
  await db.query("revoke usage on schema public from public");
  const { exitCode, json } = await run("status");
  expect([exitCode, json.message]).toEqual([2, expect.stringContaining("may not look into any schema")]);
});
