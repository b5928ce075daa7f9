/** What `status` prints of each state, and how it ends. */
import { describe, expect, test } from "@jest/globals";
import { BATCHES } from "../../../scripts/lib/batches.ts";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { allowMessages, refuseMessages } from "../../helpers/audits.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { rollBack } from "../../migrations/rollback/rollback.ts";
import { blockOf } from "./desk.ts";
import { setUpData, status, statusJson } from "./status-desk.ts";

describe("On an empty database", () => {
  const db = useDatabase({ empty: true });

  test("every batch is pending; that is something to do, without the optional ones", async () => {
    const { exitCode, lines } = await status(db);
    expect(exitCode).toBe(0);
    expect(lines).toHaveLength(BATCHES.length + 2);
    expect(lines.at(-1)).toBe("To look at: 1 pending; 2 pending; 3 pending; 4 pending; 5 pending; 9 pending.");
    expect((await status(db, "--exit-code")).exitCode).toBe(1);
    expect((await statusJson(db)).batches.map(({ state }: { state: string }) => state)).toEqual(
      BATCHES.map(() => "pending"),
    );
  });
});

describe("On a database with every folder", () => {
  const db = useDatabase();

  test("tells of each batch what is true of it, in 80 columns, and writes nothing", async () => {
    await setUpData(db);
    await refuseMessages(db, "text 2");
    await runInProcess(conversations, db, ["--limit", "2"]);
    await db.query("update _prisma_migrations set checksum = 'other' where migration_name like '%_fts_%'");
    const before = [await db.snapshot(), (await db.query("select * from migration_runs")).rows];
    const done = await status(db, "--with", "8");
    expect([await db.snapshot(), (await db.query("select * from migration_runs")).rows]).toEqual(before);
    expect(done.stderr).toBe("");
    expect(Math.max(...done.lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(done.stdout).not.toContain("\x1b");
    expect(blockOf(done, 2).slice(1)).toEqual([
      "      changed since it was applied: 20251108_add_fts_indexes/migration.sql",
      expect.stringMatching(/^ {6}verify: \d+ of \d+ hold$/),
    ]);
    expect(blockOf(done, 3)[0]).toMatch(/^ 3 {2}backfill-customers +done +20\d\d-\d\d-\d\d \d\d:\d\dZ$/);
    expect(blockOf(done, 3).join("\n")).toMatch(/run 1 of .* completed in .*: 5 leads linked, 5 customers\n? /);
    const four = blockOf(done, 4);
    expect(four[0]).toBe(" 4  backfill-conversations-messages  stopped      at --limit");
    expect(four).toContain("      goes on behind 6 of 15 audits (40%)");
    expect(four).toContain("      to go on: npx tsx scripts/migrations/backfill-conversations-messages.ts");
    expect(four).toContain("      2 in quarantine: npx tsx scripts/migrate.ts errors 4");
    expect(four.join()).not.toContain("verify");
    expect(done.lines.at(-1)).toBe("To look at: 4 stopped; 5 pending; 8 pending; 9 pending.");
  });

  test("the command to go on has the options of the run that stopped", async () => {
    await setUpData(db);
    await runInProcess(conversations, db, ["--limit", "2", "--actors", "customer", "--workers", "1", "--verbose"]);
    expect(
      blockOf(await status(db, "--no-verify"), 4)
        .join(" ")
        .replace(/ +/g, " "),
    ).toContain("backfill-conversations-messages.ts --actors customer --workers 1");
  });

  test("exit 0 with --exit-code once all is done, 1 as soon as an optional one is wanted", async () => {
    await setUpData(db);
    await runInProcess(conversations, db);
    for (const name of ["backfill-memory-notes", "classify-chats"])
      await runInProcess((await import(`../../../scripts/migrations/${name}.ts`)).default, db);
    const done = await status(db, "--exit-code");
    expect([done.exitCode, done.lines.at(-1)]).toEqual([0, "Nothing to do."]);
    const wanted = await status(db, "--exit-code", "--with", "6,8");
    expect([wanted.exitCode, wanted.lines.at(-1)]).toEqual([1, "To look at: 6 pending; 8 pending."]);
  });

  test("in quarantine and rolled back", async () => {
    await setUpData(db);
    await refuseMessages(db, "text 2");
    await runInProcess(conversations, db);
    expect(blockOf(await status(db), 4)[0]).toBe(" 4  backfill-conversations-messages  quarantine   5 in quarantine");
    await allowMessages(db);
    await rollBack(db, 4);
    const done = await status(db);
    expect(blockOf(done, 4)[0]).toMatch(/ rolled back {2}20/);
    expect(done.lines.at(-1)).toContain("4 rolled back");
    expect((await statusJson(db)).batches[3]).toMatchObject({
      state: "rolled_back",
      quarantined: 0,
      rolledBackRuns: 1,
    });
  });

  test.each([
    [["--watch", "--json"], /--watch and --json exclude each other/],
    [["--watch", "--exit-code"], /--watch and --exit-code exclude each other/],
    [["--watch", "soon"], /--watch takes seconds from 0.2 to 3600, not "soon"/],
    [["--with", "4"], /--with takes a list out of 6, 7, 8/],
    [["--what"], /Unknown argument: what/],
  ])("refuses %j with exit 2", async (argv, why) => {
    const done = await status(db, ...argv);
    expect([done.exitCode, done.stdout === "" || argv.includes("--json")]).toEqual([2, true]);
    expect(done.stderr).toMatch(why);
  });
});
