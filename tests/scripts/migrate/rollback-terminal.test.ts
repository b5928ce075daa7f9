/** `rollback` on a terminal: it shows what it would do, asks, and does just that. */
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addBusyLeads } from "../../helpers/audits.ts";
import { addMessage, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, runShell, until } from "../../helpers/script.ts";

const LONG_MS = 60_000;
const WIDEST = 80;

/** Left out, and counted as such, on a machine without util-linux. */
const hasScript = /util-linux/.test(spawnSync("script", ["--version"]).stdout?.toString() ?? "");
const testOnTerminal = hasScript ? test : test.skip;

const db = useDatabase();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "crm-terminal-"));
  await addBusyLeads(db, 2, 2);
  await runInProcess(conversations, db);
});

afterEach(() => rm(folder, { recursive: true }));

/** Types the answer on a terminal of its own, once the question stands there and `meanwhile` is done. */
async function answer(word: string, meanwhile: () => Promise<unknown> = async () => undefined) {
  const [said, go] = [join(folder, "said"), join(folder, "go")];
  const ended = runShell(
    `(until [ -e ${go} ]; do sleep 0.1; done; echo ${word}) |
     script -qefc "stty cols ${WIDEST}; node --import tsx scripts/migrate.ts rollback 4" ${said}`,
    { url: db.url },
  );
  await until(async () => (await readFile(said, "utf8").catch(() => "")).includes("[y/N]"), "the question");
  await meanwhile();
  await writeFile(go, "");
  const { exitCode } = await ended;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours and the cursor's moves are what is taken out.
  const lines = (await readFile(said, "utf8")).replace(/\u001b\[[\d;?]*[a-zA-Z]|\r/g, "").split("\n");
  return { exitCode, lines: lines.filter((line) => !line.startsWith("Script ")) };
}

testOnTerminal(
  "a no changes nothing, a yes does what was shown",
  async () => {
    const before = await db.snapshot();
    const no = await answer("n");
    expect([no.exitCode, no.lines.join("\n")]).toEqual([
      2,
      expect.stringMatching(/Message +4 +- +-\n[\s\S]*Roll back batch 4\? \[y\/N\][\s\S]*Nothing was changed\./),
    ]);
    expect(no.lines.filter((line) => [...line].length > WIDEST)).toEqual([]);
    expect(await db.snapshot()).toEqual(before);
    const yes = await answer("y");
    expect([yes.exitCode, yes.lines.join("\n")]).toEqual([0, expect.stringContaining("Rolled back: batch 4.")]);
    expect(await countRows(db, "Message")).toBe(0);
  },
  LONG_MS,
);

testOnTerminal(
  "a yes does not hold for something else than was shown",
  async () => {
    const [conversation] = await rowsOf(db, "Conversation");
    const { exitCode, lines } = await answer("y", () => addMessage(db, conversation?.id, { content: "live" }));
    expect([exitCode, lines.join("\n")]).toEqual([
      1,
      expect.stringContaining("Nothing was changed: since you were asked, the rollback has come to do something else."),
    ]);
    expect(await countRows(db, "Message")).toBe(5);
  },
  LONG_MS,
);
