/** `up`: what is pending is applied in order, and nothing else. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { BATCHES } from "../../../scripts/lib/batches.ts";
import type { BatchState } from "../../../scripts/lib/commands/state.ts";
import { readStates } from "../../../scripts/lib/commands/state.ts";
import { listFolders } from "../../../scripts/lib/schema/folders.ts";
import { addAudit, addBusyLeads } from "../../helpers/audits.ts";
import { addLead, countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { rollBack } from "../../migrations/rollback/rollback.ts";
import { runProcess } from "../run-process.ts";
import { deskOn } from "./desk.ts";

const FIXTURE = fileURLToPath(new URL("../../fixtures/dialogues.jsonl", import.meta.url));
const NUMBERS = BATCHES.map(({ number }) => number).join(", ");
const ORDINARY = [1, 2, 3, 4, 5, 9];

const numbersIn = (states: readonly BatchState[], name: string) =>
  states.filter(({ state }) => state === name).map(({ entry }) => entry.number);

const batchesOf = (documents: readonly { batch: number }[]) => documents.map(({ batch }) => batch);

describe("On an empty database", () => {
  const db = useDatabase({ empty: true });
  const tables = async () => (await db.query("select 1 from pg_tables where schemaname = 'public'")).rows.length;

  test("everything is applied in order, as rows come; then there is nothing to do", async () => {
    const first = await deskOn(db, { json: true })("up", "--yes", "--to", "1");
    expect([first.exitCode, batchesOf(first.json.applied)]).toEqual([0, [1]]);
    expect((await runProcess("load-dialogues", [FIXTURE], { DATABASE_URL: db.url, DIRECT_URL: "" })).code).toBe(0);
    const { exitCode, json } = await deskOn(db, { json: true })("up", "--yes");
    expect(json).toMatchObject({ command: "up", mode: "write", exitCode: 0, notBegun: [] });
    expect([exitCode, batchesOf(json.applied)]).toEqual([0, [2, 3, 4, 5, 9]]);
    expect(json.applied[2].stats).toMatchObject({ messagesCreated: (await countRows(db, "Audit")) - 6, errors: 0 });
    expect(numbersIn(await readStates(db), "done")).toEqual(ORDINARY);
    const before = await db.snapshot();
    const again = await deskOn(db)("up", "--yes");
    expect(again).toMatchObject({ exitCode: 0, stderr: "" });
    expect(again.lines).toContain("Done already: 1, 2, 3, 4, 5, 9.");
    expect(again.lines.at(-1)).toBe("Nothing to do.");
    expect(await db.snapshot()).toEqual(before);
  });

  test("a rehearsal makes nothing, and names what it could not rehearse", async () => {
    const { exitCode, json, stderr } = await deskOn(db, { json: true })("up", "--dry-run");
    expect([exitCode, json.mode, json.exitCode]).toEqual([0, "dry-run", 0]);
    expect(batchesOf(json.rehearsed)).toEqual([1, 2]);
    expect(batchesOf(json.notRehearsed)).toEqual([3, 4, 5, 9]);
    expect(stderr).toContain("Not rehearsed: it needs what batch 1 makes, which is not there yet.");
    expect(await tables()).toBe(0);
  });

  test("a schema that the URL names and nobody has made yet is made, and taken back", async () => {
    const there = deskOn({ url: `${db.url}?schema=crm` }, { json: true });
    const up = await there("up", "--to", "1", "--yes");
    expect([up.exitCode, batchesOf(up.json.applied), await tables()]).toEqual([0, [1], 0]);
    expect((await there("rollback", "1", "--yes")).exitCode).toBe(0);
  });

  test("without a terminal it goes on only with --yes", async () => {
    const { exitCode, stderr } = await deskOn(db)("up");
    expect([exitCode, stderr]).toEqual([2, "Nobody can be asked here: add --yes to go on. Nothing was begun.\n"]);
    expect(await tables()).toBe(0);
  });

  test("a CRM's own tables are taken with --baseline, which a run without it names", async () => {
    const [crm] = await listFolders();
    await db.query(crm?.sql ?? "");
    const { exitCode, json } = await deskOn(db, { json: true })("up", "--yes");
    expect([exitCode, json.applied, json.notBegun[0]]).toEqual([2, [], 1]);
    const { lines } = await deskOn(db)("up", "--yes");
    expect(lines.at(-1)).toBe("  npx tsx scripts/migrate.ts up --baseline");
    expect((await deskOn(db)("up", "--yes", "--baseline")).exitCode).toBe(0);
    expect(numbersIn(await readStates(db), "done")).toEqual(ORDINARY);
  });
});

describe("On a database with the tables", () => {
  const db = useDatabase();

  test("a rehearsal counts what the run then does, and leaves no row", async () => {
    await addBusyLeads(db, 4, 5);
    await deskOn(db)("up", "--yes", "--to", "3");
    const before = await db.snapshot();
    const rehearsal = await deskOn(db, { json: true })("up", "--dry-run");
    expect(await db.snapshot()).toEqual(before);
    const run = await deskOn(db, { json: true })("up", "--yes");
    expect([rehearsal.exitCode, run.exitCode]).toEqual([0, 0]);
    expect(batchesOf(rehearsal.json.rehearsed)).toEqual([4, 5, 9]);
    expect(rehearsal.json.rehearsed[0].stats).toEqual(run.json.applied[0].stats);
    expect(rehearsal.stderr).toContain("Counted on the rows that are there now, without what batches 4, 5 would add.");
  });

  test("what people do meanwhile does not stop it; verify says what is not taken in yet", async () => {
    await addBusyLeads(db, 2, 2);
    await deskOn(db)("up", "--yes", "--to", "3");
    await addBusyLeads(db, 1, 1);
    await db.query(`update "Lead" set created_at = now() where customer_id is null`);
    await deskOn(db)("up", "--yes", "--to", "4");
    await addAudit(db, await addLead(db), { created_at: new Date() });
    const { exitCode, lines } = await deskOn(db)("up", "--yes");
    expect([exitCode, lines.at(-1)]).toEqual([0, "Applied: 5, 9."]);
    expect(lines.join("\n")).toMatch(/^Checks of batch 4: (\d+) of \1 hold, for what was there when run \d+ began\.$/m);
    expect((await deskOn(db, { json: true })("verify", "3", "4")).exitCode).toBe(1);
    expect(numbersIn(await readStates(db), "done")).toEqual(ORDINARY);
  });

  test("what was rolled back is applied again, to the same rows", async () => {
    await addBusyLeads(db, 3, 3);
    await deskOn(db)("up", "--yes", "--to", "4");
    const before = await db.snapshot({ tables: ["migration_effects"] });
    await rollBack(db, 4);
    expect(numbersIn(await readStates(db), "rolled_back")).toEqual([4]);
    const { exitCode, lines } = await deskOn(db)("up", "--yes", "--to", "4");
    expect(exitCode).toBe(0);
    expect(lines).toContain("  4 backfill-conversations-messages (rolled back)");
    expect(await db.snapshot({ tables: ["migration_effects"] })).toEqual(before);
  });

  test("a file that was changed since it was applied is named", async () => {
    await db.query("update _prisma_migrations set checksum = 'x' where migration_name = '20251108_add_fts_indexes'");
    const { exitCode, stdout } = await deskOn(db)("up", "--dry-run", "--to", "2");
    expect(exitCode).toBe(0);
    expect(stdout.replaceAll("\n", " ")).toContain(
      "20251108_add_fts_indexes/migration.sql was changed after it was applied.",
    );
  });

  test.each([
    [["--to", "99"], `--to is one of ${NUMBERS}, not "99".`],
    [["--with", "6,x"], `--with is one of ${NUMBERS}, not "x".`],
    [["--with", "8", "--to", "5"], "--with 8 lies beyond --to 5: leave one of them out."],
  ])("%j is refused", async (argv, line) => {
    expect(await deskOn(db)("up", ...argv)).toMatchObject({ exitCode: 2, stderr: `${line}\n` });
  });

  test("no line of its own is longer than 80 characters", async () => {
    await addBusyLeads(db, 3, 3);
    const { lines } = await deskOn(db)("up", "--yes");
    const own = lines.filter((line) => !line.startsWith("writing · "));
    expect(own.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.join("")).not.toContain("\u001b");
  });
});
