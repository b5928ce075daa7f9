import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addAudit, addBusyLeads } from "../../helpers/audits.ts";
import { addLead, countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runCaptured, runInProcess, runScript, runShell } from "../../helpers/script.ts";

const NAME = "backfill-conversations-messages";
const db = useDatabase();
const STACK = /^\s+at |node:internal/m;

const run = (...argv: string[]) => runScript(NAME, argv, { url: db.url });

test("on a terminal of no kind the output is plain lines: four headings in order, then the labelled counters", async () => {
  await addBusyLeads(db, 2, 3);
  const { exitCode, stdout, stderr } = await runScript(NAME, [], { url: db.url, env: { NO_COLOR: "1" } });
  expect(exitCode).toBe(0);
  expect(stderr).toBe("");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what must not be there.
  expect(stdout).not.toMatch(/\u001b/);
  const marks = [
    /^Batch 4: /m,
    /^writing · postgresql:\/\/.* · process \d+$/m,
    /^\[1\/4\] Fetching audit records\.\.\.$/gm,
    /^\[2\/4\] Creating conversations for leads\.\.\.$/gm,
    /^\[3\/4\] Creating messages from audit logs\.\.\.$/gm,
    /^\[4\/4\] Recording audit log\.\.\.$/gm,
    /^Completed /m,
    /^ {2}Conversations created: +2$/m,
    /^ {2}Conversations skipped: +0$/m,
    /^ {2}Messages created: +6$/m,
    /^ {2}Messages skipped: +0$/m,
    /^ {2}Audits processed: +6$/m,
    /^ {2}Audits skipped: +0$/m,
    /^ {2}Errors: +0$/m,
  ];
  const places = marks.map((mark) => stdout.search(mark));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  for (const heading of marks.filter(({ flags }) => flags.includes("g"))) expect(stdout.match(heading)).toHaveLength(1);
});

test("with --json standard output holds one document, and people's lines go to standard error", async () => {
  await addBusyLeads(db, 2, 3);
  const { exitCode, json, stderr } = await run("--json");
  expect(exitCode).toBe(0);
  expect(json).toEqual({
    script: NAME,
    batch: 4,
    runId: 1,
    mode: "write",
    status: "completed",
    startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    finishedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    durationMs: expect.any(Number),
    stats: {
      conversationsCreated: 2,
      conversationsSkipped: 0,
      messagesCreated: 6,
      messagesSkipped: 0,
      auditsProcessed: 6,
      auditsSkipped: 0,
      errors: 0,
    },
    skipped: { noText: 0, alreadyMigrated: 0, leadNotFound: 0 },
    arrived: { passes: 1, items: 0, proven: true },
    errors: [],
  });
  expect(stderr).toContain("[4/4] Recording audit log...");
});

test.each([
  { argv: ["--limit", "abc"], says: '--limit takes a whole number of 1 or more, not "abc".' },
  { argv: ["--limit", "0"], says: '--limit takes a whole number of 1 or more, not "0".' },
  { argv: ["--limit=-1"], says: '--limit takes a whole number of 1 or more, not "-1".' },
  { argv: ["--limit"], says: "limit" },
  { argv: ["--chunk-size", "1e3"], says: '--chunk-size takes a whole number from 1 to 100000, not "1e3".' },
  { argv: ["--max-errors", "-2"], says: "--max-errors" },
  { argv: ["--dry-run=maybe"], says: '--dry-run takes no value, or true or false, not "maybe".' },
  { argv: ["--dryRun=maybe"], says: '--dry-run takes no value, or true or false, not "maybe".' },
  { argv: ["--dry-run", "maybe"], says: "Unknown argument: maybe." },
  { argv: ["--no-dry-run"], says: "Unknown argument" },
  { argv: ["--dry-rum"], says: "Unknown argument: dry-rum. Allowed: --dry-run," },
  { argv: ["--actors", "customer,nobody"], says: '"nobody" is none of them' },
  { argv: ["--actors", ""], says: "--actors" },
  { argv: ["--lead", "17"], says: "--lead takes a UUID such as" },
  { argv: ["--lead", "00000000-0000-4000-8000-000000000000"], says: "there is none with 00000000" },
  { argv: ["--restart", "--retry-errors"], says: "exclude each other" },
])("$argv is refused in one line with 2, and nothing is touched", async ({ argv, says }) => {
  await addAudit(db, await addLead(db));
  const before = await db.snapshot();
  const printed = await runCaptured(batch, [...argv, "--json"], db);
  expect(printed.exitCode).toBe(2);
  const [line, ...more] = printed.stderr
    .trim()
    .split("\n")
    .filter((text) => !/^(Batch [34]|writing|dry run)/.test(text));
  expect(line).toContain(says);
  expect(more).toEqual([]);
  expect(printed.json).toMatchObject({ script: NAME, status: "failed", runId: null, stats: {} });
  expect(await db.snapshot()).toEqual(before);
  expect(await countRows(db, "migration_runs")).toBe(0);
});

test("a wrong option through the shell: 2, one line, no stack, a document all the same", async () => {
  const { exitCode, stderr, json } = await run("--limit", "abc", "--json");
  expect(exitCode).toBe(2);
  expect(stderr.trim().split("\n")).toEqual(['--limit takes a whole number of 1 or more, not "abc".']);
  expect(stderr).not.toMatch(STACK);
  expect(json).toMatchObject({ status: "failed", batch: 4, errors: [] });
});

test("--help lists the options, --version the version", async () => {
  const help = await run("--help");
  expect(help.exitCode).toBe(0);
  for (const option of [
    "--dry-run",
    "--verbose",
    "--json",
    "--limit",
    "--restart",
    "--retry-errors",
    "--max-errors",
    "--lead",
    "--actors",
    "--chunk-size",
  ])
    expect(help.stdout).toContain(option);
  expect((await run("--version")).stdout).toMatch(/^\d+\.\d+\.\d+/);
});

test("--verbose prints one line for each audit, with the first characters of its text", async () => {
  const lead = await addLead(db);
  const audit = await addAudit(db, lead, { payload: { text: `secret ${"x".repeat(100)}` } });
  const without = await runInProcess(batch, db, ["--dry-run"]);
  expect(without.output).not.toContain("secret");
  const { output } = await runInProcess(batch, db, ["--verbose"]);
  expect(output).toContain(`  ${audit} create ${JSON.stringify(`secret ${"x".repeat(53)}`)}\n`);
});

test("an audit log in which nothing counts: zeros, exit 0, and which actors there are", async () => {
  const empty = await runInProcess(batch, db);
  expect(empty).toMatchObject({
    exitCode: 0,
    document: { stats: { auditsProcessed: 0, messagesCreated: 0, errors: 0 } },
  });
  expect(empty.output).toContain("The audit log holds no audits of leads.");
  const lead = await addLead(db);
  for (const actor of ["robot", "robot", "tool"]) await addAudit(db, lead, { actor });
  await addAudit(db, randomUUID(), { actor: "ghost" });
  const { exitCode, output } = await runInProcess(batch, db);
  expect(exitCode).toBe(0);
  expect(output).toMatch(/Actors that are there and were not asked for: robot \(2\), .*see --actors/);
});

test("a run goes on when nobody reads its output any more", async () => {
  await addBusyLeads(db, 3, 4);
  const { exitCode, stdout, stderr } = await runShell(
    `npx tsx scripts/migrations/${NAME}.ts --verbose | head -n 1`,
    db,
  );
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout.trim().split("\n")).toHaveLength(1);
  expect((await db.query("select status from migration_runs")).rows).toEqual([{ status: "completed" }]);
  expect(await countRows(db, "Message")).toBe(12);
});
