import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runCaptured } from "../../helpers/script.ts";
import { batch, dialogOf, manyDialogs, run, talk, unresolved, useUmnico } from "./service.ts";

const db = useDatabase();
const umnico = useUmnico();

const NOT_READY = /Umnico's service at http:\/\/\S+ is not ready: .* name it in PLAYWRIGHT_UMNICO_URL; .* port 3003\./;

describe("The service", () => {
  test("is asked for its health before anything else; one that is not well is named, with the mend", async () => {
    umnico.health = { ok: false };
    for (const argv of [["--dry-run"], []]) await expect(run(db, ...argv)).rejects.toThrow(NOT_READY);
    expect(umnico.asked.every(({ path }) => path === "/health")).toBe(true);
    expect(await countRows(db, "migration_runs")).toBe(0);
  });

  test("that is not there is named in one line, with exit 2", async () => {
    process.env.PLAYWRIGHT_UMNICO_URL = "http://127.0.0.1:9";
    const { exitCode, stderr } = await runCaptured(batch, [], db);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(NOT_READY);
    expect(stderr).not.toMatch(/^\s+at |ECONNREFUSED/m);
  });

  test("is looked for at port 3001 where nothing is said", async () => {
    delete process.env.PLAYWRIGHT_UMNICO_URL;
    await expect(run(db, "--replay", await emptyFolder())).rejects.toThrow("Umnico's service at http://localhost:3001");
  });

  test("is used while its browser is not ready, and people are told", async () => {
    Object.assign(umnico, { health: { initialized: false, browserConnected: false }, dialogs: manyDialogs(2) });
    const { output, exitCode } = await run(db);
    expect(output).toContain("its browser is not ready yet");
    expect(exitCode).toBe(0);
  });

  test("may take long over a dialog: people are told which one", async () => {
    umnico.dialogs = manyDialogs(2);
    umnico.faults.push({ delayMs: 5_500, when: ({ path }) => path.includes("/2/") });
    expect((await run(db)).output).toContain("waiting: the service reads dialog 2");
  });

  test("may stand behind a path", async () => {
    umnico.faults.push({ answer: { status: 418, body: "{}" } });
    process.env.PLAYWRIGHT_UMNICO_URL = `${umnico.url}/umnico/`;
    await expect(run(db)).rejects.toThrow(NOT_READY);
    expect(umnico.asked[0]?.path).toBe("/umnico/health");
  });

  test("never gets two requests at a time, and none that would change something", async () => {
    Object.assign(umnico, { dialogs: manyDialogs(20), answerMs: 20 });
    const overlapping = await Promise.all([1, 2].map(() => fetch(`${umnico.url}/health`)));
    expect(overlapping.map(({ status }) => status).sort()).toEqual([200, 500]);
    await run(db);
    await run(db, "--dry-run", "--skip-existing");
    expect(umnico.asked.every(({ method }) => method === "GET")).toBe(true);
    expect(await unresolved(db)).toEqual([]);
  });
});

test("a run in which every dialog failed is no success", async () => {
  umnico.dialogs = manyDialogs(5);
  umnico.faults.push({
    times: 100,
    when: ({ path }) => path.endsWith("/messages"),
    answer: { body: { ok: false, error: "no" } },
  });
  const { document, exitCode } = await run(db);
  expect(document.stats).toMatchObject({ dialogsTotal: 5, dialogsProcessed: 0, messagesInserted: 0, errors: 5 });
  expect(exitCode).toBe(1);
});

test.each([
  [["--timezone", "Mars/Base"], '--timezone takes the name of a time zone such as Europe/Moscow, not "Mars/Base".'],
  [["--timezone", "+03:00"], "--timezone takes the name of a time zone"],
  [["--delay", "-1"], "--delay takes a whole number"],
  [["--lang", "de"], "--lang takes one of en, ru"],
  [["--recent", "--all-history"], "--all-history and --recent exclude each other"],
  [["--recnet"], "Unknown argument"],
])("%j is refused before anything is asked for", async (argv, complaint) => {
  await expect(run(db, ...argv)).rejects.toThrow(complaint);
  expect(umnico.asked).toEqual([]);
});

describe("What people read", () => {
  beforeEach(() => {
    umnico.dialogs = [
      dialogOf("501", talk(12), { phone: "+995 599 12-34-56" }),
      dialogOf("502", talk(2), { phone: "Иван Петров", gone: true }),
      dialogOf("503", talk(1), { phone: "@ivan_p" }),
    ];
  });

  test("is one line for each dialog, with phones and names shortened, and a summary", async () => {
    const { output } = await run(db);
    expect(output).toContain("  Dialog 501 (995599***): 12 new, 0 known\n");
    expect(output).toContain("  Dialog 503 (@iv***): 1 new, 0 known\n");
    expect(output).not.toMatch(/12-34-56|995599123456|Петров|ivan_p|text 1/);
    for (const label of [
      "Dialogs total",
      "Dialogs processed",
      "Dialogs skipped",
      "Messages inserted",
      "Bookings linked",
    ])
      expect(output).toMatch(new RegExp(`^ {2}${label}: +\\d+$`, "m"));
  });

  test("is Russian with --lang ru, and the numbers are the same", async () => {
    const { output, document } = await run(db, "--lang", "ru");
    expect(output).toContain("Batch 6: Перенос диалогов из Umnico\n");
    expect(output).toContain("  Диалог 501 (995599***): новых 12, известных 0\n");
    expect(output).toContain("  Диалог 502 (Ива***): пропущен, его больше нет в сервисе\n");
    for (const label of ["Всего диалогов", "Создано клиентов", "Обновлено бесед", "Добавлено сообщений", "Ошибок"])
      expect(output).toMatch(new RegExp(`^ {2}${label}: +\\d+$`, "m"));
    expect(document.stats).toMatchObject({
      dialogsTotal: 3,
      dialogsProcessed: 2,
      dialogsSkipped: 1,
      messagesInserted: 13,
    });
    const known = await run(db, "--lang", "ru", "--skip-existing", "--limit", "1");
    expect(known.output).toContain("Диалог 501 (995599***): пропущен, уже сохранён");
  });

  test("with --json is on standard error, and standard output holds the document alone", async () => {
    const { json, stderr, exitCode } = await runCaptured(batch, ["--json", "--delay", "0"], db);
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ script: "backfill-umnico-conversations", batch: 6, status: "completed" });
    expect(Object.keys(json.stats)).toEqual([
      "dialogsTotal",
      "dialogsProcessed",
      "dialogsSkipped",
      "customersCreated",
      "customersUpdated",
      "conversationsCreated",
      "conversationsUpdated",
      "messagesInserted",
      "messagesExisting",
      "bookingsLinked",
      "requests",
      "waitedSeconds",
      "errors",
    ]);
    expect(stderr).toContain("Dialog 501");
  });
});

let folder: string | undefined;

async function emptyFolder(): Promise<string> {
  folder = await mkdtemp(join(tmpdir(), "umnico-"));
  return folder;
}

afterEach(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true });
  folder = undefined;
});

test("what was recorded is replayed without the service, to the same end", async () => {
  const answers = await emptyFolder();
  umnico.dialogs = manyDialogs(12);
  const recorded = await run(db, "--dry-run", "--record", answers);
  expect(await readdir(answers)).toHaveLength(14);
  await umnico.close();
  const asked = umnico.asked.length;
  const replayed = await run(db, "--replay", answers);
  expect(replayed.document.stats).toEqual(recorded.document.stats);
  expect([replayed.exitCode, umnico.asked.length]).toEqual([0, asked]);
  await expect(run(db, "--replay", answers, "--record", answers)).rejects.toThrow("exclude each other");
});

test("nowhere is the check of TLS turned off", async () => {
  const root = fileURLToPath(new URL("../../../scripts", import.meta.url));
  const files = (await readdir(root, { recursive: true })).filter((file) =>
    /umnico.*\.ts$|lib\/http\/.*\.ts$/.test(file),
  );
  expect(files.length).toBeGreaterThan(20);
  for (const file of files)
    expect(await readFile(join(root, file), "utf8")).not.toMatch(/rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED/);
});
