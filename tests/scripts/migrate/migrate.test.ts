/** What all commands have in common: help, refusals, one document with --json. */
import { expect, test } from "@jest/globals";
import { COMMANDS } from "../../../scripts/migrate.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runShell } from "../../helpers/script.ts";
import { deskOn } from "./desk.ts";

const db = useDatabase({ empty: true });
const NOBODY = { url: "postgresql://postgres:a-secret-word@127.0.0.1:1/crm" };

test("without a command it lists them all; each has a help of its own", async () => {
  const { exitCode, stdout } = await deskOn(db)();
  expect(exitCode).toBe(0);
  for (const { name, summary } of COMMANDS) {
    expect(stdout).toContain(summary);
    const help = await deskOn(db)(name, "--help");
    expect([help.exitCode, help.stdout]).toEqual([0, expect.stringContaining(`scripts/migrate.ts ${name}`)]);
  }
});

test.each([
  { argv: ["stauts"], exitCode: 2, why: /Unknown command: stauts\. There are status, / },
  { argv: ["status", "--wtach"], exitCode: 2, why: /Unknown argument: wtach\. Allowed: --watch, / },
  { argv: ["show"], exitCode: 2, why: /RUN is missing\. Usage: npx tsx scripts\/migrate\.ts show RUN/ },
  { argv: ["show", "7"], exitCode: 2, why: /There is no run 7 here/ },
])("$argv is refused in one line, and in a document with --json", async ({ argv, exitCode, why }) => {
  const people = await deskOn(db)(...argv);
  expect([people.exitCode, people.stdout, people.stderr]).toEqual([exitCode, "", expect.stringMatching(why)]);
  const { json } = await deskOn(db, { json: true })(...argv);
  expect(json).toEqual({ command: argv[0], exitCode, message: expect.stringMatching(why) });
});

test("where no server answers, that is said, without the password", async () => {
  const { exitCode, json, stdout, stderr } = await deskOn(NOBODY, { json: true })("status");
  expect([exitCode, json.message]).toEqual([2, expect.stringContaining("Check DATABASE_URL")]);
  expect(stdout + stderr).not.toContain("a-secret-word");
});

test("in a shell: one document on standard output, in plain text on the other stream, and the exit code", async () => {
  const line = "npx tsx scripts/migrate.ts status --json --exit-code";
  const { exitCode, stdout, stderr } = await runShell(line, { url: db.url });
  expect([exitCode, stdout.trim().split("\n").length]).toEqual([1, 1]);
  expect(JSON.parse(stdout)).toMatchObject({ command: "status", exitCode: 1, database: expect.any(String) });
  expect(stderr).toContain(" 1  create-schema                    pending");
  const { stdout: page } = await runShell("npx tsx scripts/migrate.ts status | cat", { url: db.url });
  expect(page).toContain("To look at: 1 pending;");
  expect(page).not.toContain("\u001b");
});
