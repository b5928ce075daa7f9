import { expect, test } from "@jest/globals";
import { countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { startFile, until } from "../../helpers/script.ts";
import { batch, dialogOf, manyDialogs, run, storedTalks, talk, talksOf, unresolved, useUmnico } from "./service.ts";

const db = useDatabase();
const umnico = useUmnico();
const SCRIPT = `scripts/migrations/${batch.name}.ts`;

const start = (argv: readonly string[], env: Record<string, string> = {}) =>
  startFile(SCRIPT, ["--delay", "0", ...argv], {
    url: db.url,
    env: { PLAYWRIGHT_UMNICO_URL: umnico.url, ...env },
  });

/** The dialogs that were asked for since. */
const askedFor = () => umnico.requests("/messages").map(({ path }) => path.split("/")[3] ?? "");

const storedDialogs = async () =>
  (await db.query<{ external_id: string }>('select external_id from "Conversation"')).rows.map(
    (row) => row.external_id,
  );

async function undisturbed() {
  await run(db);
  const state = await db.snapshot();
  await db.query(
    'truncate "Customer", "Conversation", "Message", external_refs, migration_effects, migration_runs cascade',
  );
  umnico.asked.length = 0;
  return state;
}

test.each(["page-stored:2", "page-saved:1", "page-committed:2"])(
  "a run that was killed at %s goes on where it was, and asks for no stored dialog again",
  async (fault) => {
    umnico.dialogs = manyDialogs(60);
    // Slow enough that there are several pages.
    umnico.faults.push({ times: 60, delayMs: 15, when: ({ path }) => path.endsWith("/messages") });
    const state = await undisturbed();
    umnico.faults.push({ times: 60, delayMs: 15, when: ({ path }) => path.endsWith("/messages") });
    const { exitCode } = await start([], { CRM_MIGRATIONS_FAULT: fault }).ended;
    expect(exitCode).toBe(137);
    const stored = await storedDialogs();
    umnico.asked.length = 0;
    const { document } = await run(db);
    expect(document.stats.dialogsProcessed).toBe(60 - stored.length);
    expect(askedFor().filter((id) => stored.includes(id))).toEqual([]);
    expect(askedFor()).toHaveLength(60 - stored.length);
    const after = await db.snapshot();
    for (const table of ["Customer", "Conversation", "Message", "external_refs"])
      expect(after[table]).toEqual(state[table]);
    expect(await countRows(db, "migration_checkpoints")).toBe(0);
  },
);

test("Ctrl-C ends after what is stored, with 130, and the same command goes on", async () => {
  umnico.dialogs = manyDialogs(30);
  umnico.faults.push({ delayMs: 60_000, when: ({ path }) => path === "/api/conversations/20/messages" });
  const script = start(["--json"]);
  await until(() => askedFor().includes("20"));
  process.kill(script.pid(), "SIGINT");
  const { exitCode, json } = await script.ended;
  expect(exitCode).toBe(130);
  expect(json).toMatchObject({ status: "interrupted", stats: { dialogsProcessed: 19 } });
  umnico.asked.length = 0;
  const { document } = await run(db);
  expect(document).toMatchObject({ resumedFrom: json.runId, stats: { dialogsProcessed: 11 } });
  expect(askedFor()[0]).toBe("20");
  expect(await storedTalks(db)).toEqual(talksOf(umnico.dialogs));
});

test("--limit takes so many dialogs, says what is left, and the next run goes on", async () => {
  umnico.dialogs = manyDialogs(7);
  for (const [processed, left] of [
    [3, 4],
    [3, 1],
    [1, undefined],
  ]) {
    const { document, output, exitCode } = await run(db, "--limit", "3");
    expect(document.stats).toMatchObject({ dialogsTotal: processed, dialogsProcessed: processed });
    expect(/dialogs left: (\d+)/.exec(output)?.[1]).toBe(left === undefined ? undefined : String(left));
    expect(exitCode).toBe(0);
  }
  expect(askedFor()).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
});

test("without --limit all dialogs are taken, and --limit without a number is refused", async () => {
  umnico.dialogs = Array.from({ length: 120 }, (_, n) => dialogOf(String(n), talk(1)));
  expect((await run(db)).document.stats).toMatchObject({ dialogsProcessed: 120 });
  await expect(run(db, "--limit")).rejects.toThrow("limit");
});

test("a checkpoint of a whole history is not gone on with by --recent", async () => {
  umnico.dialogs = manyDialogs(3);
  await run(db, "--limit", "1");
  await expect(run(db, "--recent")).rejects.toThrow(/has not ended; it was started with --history all/);
  expect((await run(db, "--recent", "--restart")).exitCode).toBe(0);
  expect(await unresolved(db)).toEqual([]);
});

test("one request at a time, and the next one only after the pause", async () => {
  umnico.dialogs = manyDialogs(6);
  await run(db, "--delay", "120");
  const times = umnico.requests("/messages").map(({ at }) => at);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  expect(gaps).toHaveLength(5);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(119);
});
