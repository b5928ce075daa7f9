import { expect, test } from "@jest/globals";
import { countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { dialogOf, run, runTwice, storedTalks, talk, talksOf, useUmnico } from "./service.ts";

const db = useDatabase();
const umnico = useUmnico();

const marks = async () =>
  (await rowsOf(db, "Conversation", "external_id")).map(({ metadata: { partial, window } }) => ({ partial, window }));

const NONE = { partial: undefined, window: undefined };

test("by default the whole history is asked for, and --all-history means the same", async () => {
  umnico.dialogs = [dialogOf("501", talk(200))];
  const { document } = await run(db, "--all-history");
  expect(document.stats.messagesInserted).toBe(200);
  await run(db);
  expect(umnico.requests("/messages").map(({ query }) => query.get("all"))).toEqual(["true", "true"]);
  expect(umnico.requests("/health")).toHaveLength(2);
});

test("--recent takes what is loaded, and is no failure", async () => {
  umnico.dialogs = [dialogOf("501", talk(200))];
  const { document, exitCode } = await runTwice(db, umnico, "--recent");
  expect(document).toMatchObject({ stats: { messagesInserted: 30 }, status: "completed" });
  expect(exitCode).toBe(0);
  expect(umnico.requests("/messages").map(({ query }) => query.get("all"))).toEqual([null]);
  expect(await marks()).toEqual([{ partial: undefined, window: "recent" }]);
  // Then the rest, and it is known to be whole.
  const rest = await runTwice(db, umnico);
  expect(rest.document.stats).toMatchObject({ messagesInserted: 170, messagesExisting: 30, conversationsUpdated: 1 });
  expect(await marks()).toEqual([NONE]);
});

test("windows that shift over a growing dialog make every message once, in its order", async () => {
  const history = talk(200, { perMinute: 4 });
  umnico.dialogs = [dialogOf("501", history.slice(0, 20))];
  await run(db);
  for (let end = 40; end <= 200; end += 16) {
    umnico.dialogs = [dialogOf("501", history.slice(0, end))];
    const { document } = await runTwice(db, umnico, "--recent");
    expect(document).toMatchObject({ stats: { messagesInserted: end === 40 ? 20 : 16 }, status: "completed" });
    expect(await marks()).toEqual([NONE]);
  }
  expect(await storedTalks(db)).toEqual(talksOf(umnico.dialogs));
});

test("a window that no longer overlaps with what is stored leaves a gap, and it is marked until it is closed", async () => {
  umnico.dialogs = [dialogOf("501", talk(40))];
  await run(db);
  umnico.dialogs = [dialogOf("501", talk(200))];
  await run(db, "--recent");
  expect(await marks()).toEqual([{ partial: undefined, window: "recent" }]);
  await run(db);
  expect(await marks()).toEqual([NONE]);
  expect(await storedTalks(db)).toEqual(talksOf(umnico.dialogs));
});

test("what can't be shown to be whole is stored as partial, named, and makes the run exit 1", async () => {
  umnico.version = 2;
  umnico.scrolled = 50;
  umnico.dialogs = [dialogOf("501", talk(80)), dialogOf("502", talk(20))];
  const { document, exitCode, output } = await runTwice(db, umnico);
  expect(document).toMatchObject({
    status: "completed_with_errors",
    stats: { messagesInserted: 70, errors: 0 },
    problems: [{ key: "501", message: expect.stringContaining("incomplete") }],
  });
  expect(exitCode).toBe(1);
  expect(output).toContain("incomplete");
  expect(await marks()).toEqual([{ partial: "incomplete", window: undefined }, NONE]);
  expect((await run(db, "--allow-partial")).exitCode).toBe(0);
  expect(await marks()).toEqual([{ partial: "incomplete", window: undefined }, NONE]);
  umnico.scrolled = 80;
  const whole = await runTwice(db, umnico);
  expect(whole).toMatchObject({ exitCode: 0, document: { stats: { messagesInserted: 30, messagesExisting: 70 } } });
  expect(await marks()).toEqual([NONE, NONE]);
});

test.each([[{ isExactly30: true }], [{ needsManualProcessing: true, exactly30Attempts: 3 }], [{ count: 31 }]])(
  "a dialog with %j is never a success by itself",
  async (answer) => {
    umnico.dialogs = [dialogOf("501", talk(30), { answer })];
    const { document, exitCode } = await run(db);
    expect(document).toMatchObject({ stats: { messagesInserted: 30 }, problems: [{ key: "501" }] });
    expect(exitCode).toBe(1);
  },
);

test("a dialog that shows a last message and gives none is partial", async () => {
  umnico.dialogs = [dialogOf("501", [], { lastMessage: "Hello" }), dialogOf("502", [])];
  const { document, exitCode } = await runTwice(db, umnico);
  expect(document.problems).toMatchObject([{ key: "501", message: expect.stringContaining("no messages") }]);
  expect(exitCode).toBe(1);
  expect(await countRows(db, "Conversation")).toBe(2);
});

test("--skip-existing asks for no dialog that is stored as a whole", async () => {
  umnico.dialogs = [
    dialogOf("501", talk(3)),
    dialogOf("502", talk(30), { answer: { isExactly30: true } }),
    dialogOf("503", talk(3)),
  ];
  await run(db);
  umnico.dialogs.push(dialogOf("504", talk(3)));
  umnico.asked.length = 0;
  const { document, output } = await runTwice(db, umnico, "--skip-existing");
  expect(umnico.requests("/messages").map(({ path }) => path.split("/")[3])).toEqual(["502", "504"]);
  expect(document.stats).toMatchObject({
    dialogsTotal: 4,
    dialogsProcessed: 2,
    dialogsSkipped: 2,
    messagesInserted: 3,
  });
  expect(document.skipped).toMatchObject({ existing: 2 });
  expect(output).toContain("Dialog 501 (995599***): skipped, it is stored");
});

test("--skip-existing asks for a dialog again of which only the newest was asked for", async () => {
  umnico.dialogs = [dialogOf("501", talk(40))];
  await run(db, "--recent");
  expect((await run(db, "--recent", "--skip-existing")).document.skipped).toMatchObject({ existing: 1 });
  expect((await run(db, "--skip-existing")).document.stats).toMatchObject({ messagesInserted: 10 });
});

test("the order within a minute is the source's, and survives what is added to that minute", async () => {
  const at = "2025-11-25T07:40:00.000Z";
  const said = Array.from({ length: 70 }, (_, n) => ({ text: n % 2 === 0 ? "ok" : `text ${n}`, at }));
  umnico.dialogs = [dialogOf("501", said.slice(0, 40))];
  await run(db);
  umnico.dialogs = [dialogOf("501", said)];
  await run(db);
  expect(await storedTalks(db)).toEqual(talksOf(umnico.dialogs));
  const times = (await rowsOf(db, "Message")).map(({ created_at }) => created_at.toISOString());
  expect([times[0], times[1], times[69]]).toEqual([at, "2025-11-25T07:40:01.000Z", "2025-11-25T07:40:59.000Z"]);
});

test("another zone than the one that is stored is refused: it would store every message a second time", async () => {
  umnico.dialogs = [dialogOf("501", talk(3))];
  await run(db);
  await expect(run(db, "--timezone", "Asia/Tokyo")).rejects.toThrow(
    "Dialogs are stored with --timezone Europe/Moscow: with Asia/Tokyo their messages would be stored a second time.",
  );
});

test("times are read as days and months in the zone that is meant", async () => {
  umnico.dialogs = [dialogOf("501", [{ text: "a", at: "2025-11-09T07:40:00.000Z", datetime: "09.11.2025 10:40" }])];
  await run(db, "--timezone", "Asia/Tokyo");
  expect((await rowsOf(db, "Message")).map(({ created_at }) => created_at.toISOString())).toEqual([
    "2025-11-09T01:40:00.000Z",
  ]);
});
