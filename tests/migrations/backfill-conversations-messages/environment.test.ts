import { afterAll, beforeAll, expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addAudit, addAudits, holdAt } from "../../helpers/audits.ts";
import { addLead, countRows } from "../../helpers/crm.ts";
import { type OwnServer, startOwnServer } from "../../helpers/own-server.ts";
import { type Finished, runCaptured, runScript, startScript, until } from "../../helpers/script.ts";

const NAME = "backfill-conversations-messages";
const PASSWORD = "s3cr3t-w%rd";
const ENCODED = encodeURIComponent(PASSWORD);

let server: OwnServer;

beforeAll(async () => {
  server = await startOwnServer();
  await server.query(`create role guarded login password '${PASSWORD}'`);
  await server.query("create role nobody login");
  await server.query(`create role reader login password '${PASSWORD}'`);
  await server.query("grant pg_read_all_data to reader");
  await server.requirePassword("guarded");
});

afterAll(() => server.remove());

const urlWith = (changes: Partial<Pick<URL, "username" | "password" | "pathname" | "port" | "hostname" | "search">>) =>
  Object.assign(new URL(server.url), changes).href;

/** One line, no stack, no secret; a document that fails with the same words. */
function expectOneLine({ stderr, stdout, json }: Finished, says: RegExp): void {
  const lines = stderr
    .split("\n")
    .filter((line) => line !== "" && !/^(Batch \d+:|Batch 3 has|writing|dry run)/.test(line));
  expect(lines).toEqual([expect.stringMatching(says)]);
  expect(json).toMatchObject({ script: NAME, status: "failed", runId: null, message: expect.stringMatching(says) });
  for (const secret of [PASSWORD, ENCODED]) expect(stdout + stderr).not.toContain(secret);
}

test.each([
  {
    name: "a port where no server answers",
    url: () => urlWith({ port: "1", password: ENCODED }),
    says: /^No server answers there \(ECONNREFUSED\)\. Check DATABASE_URL\.$/,
  },
  {
    name: "a host that does not exist",
    url: () => urlWith({ hostname: "no-such-host.invalid", password: ENCODED }),
    says: /^No server answers there \((ENOTFOUND|EAI_AGAIN)\)\. Check DATABASE_URL\.$/,
  },
  {
    name: "a wrong password",
    url: () => urlWith({ username: "guarded", password: `${ENCODED}-wrong` }),
    says: /^password authentication failed for user "guarded" \(SQLSTATE 28P01\)\. Check DATABASE_URL\.$/,
  },
  {
    name: "a database that does not exist",
    url: () => urlWith({ pathname: "/nowhere", password: ENCODED }),
    says: /^database "nowhere" does not exist \(SQLSTATE 3D000\)\. Check DATABASE_URL\.$/,
  },
  {
    name: "what is not a URL",
    url: () => `host=127.0.0.1 password=${PASSWORD}`,
    says: /^DATABASE_URL is not a URL of the form postgresql:/,
  },
  {
    name: "a URL with a stray percent sign",
    url: () => `postgresql://guarded:${PASSWORD}@127.0.0.1:1/crm`,
    says: /^DATABASE_URL holds a %/,
  },
  {
    name: "a role without rights",
    url: () => urlWith({ username: "nobody" }),
    says: /^permission denied for table \w+ \(SQLSTATE 42501\)\. The role in DATABASE_URL needs that right\.$/,
  },
  {
    name: "a role that may only read",
    url: () => urlWith({ username: "reader", password: ENCODED }),
    says: /^permission denied for table \w+ \(SQLSTATE 42501\)\. The role in DATABASE_URL needs that right\.$/,
  },
  {
    name: "a session that is read-only by default",
    url: () => urlWith({ username: "guarded_reader" }),
    says: /^The database is read-only: .* Give the primary's URL in DATABASE_URL\.$/,
    prepare:
      "create role guarded_reader login superuser; alter role guarded_reader set default_transaction_read_only = on",
  },
  {
    name: "a database without batch 1",
    url: () => urlWith({ pathname: "/template1" }),
    says: /^Batch 1 has not been applied to this database\. Run first: npx tsx scripts\/migrations\/create-schema\.ts$/,
  },
])("$name: exit 2, one line, no stack, no password", async ({ url, says, prepare }) => {
  if (prepare !== undefined) await server.query(prepare);
  const finished = await runCaptured(batch, ["--json"], { url: url() });
  expectOneLine(finished, says);
  expect(finished.exitCode).toBe(2);
});

test("no password where one is asked for: exit 2 and one line, and the process ends at once", async () => {
  const startedAt = performance.now();
  const finished = await runScript(NAME, ["--json"], { url: urlWith({ username: "guarded" }) });
  expectOneLine(finished, /^The server asks for a password\. Check the one in DATABASE_URL\.$/);
  expect(finished.exitCode).toBe(2);
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});

test("the right password is shown nowhere, also with --verbose", async () => {
  const url = urlWith({ username: "guarded", password: ENCODED });
  await server.query("grant all on all tables in schema public to guarded");
  await server.query("grant all on all sequences in schema public to guarded");
  const { exitCode, stdout, stderr } = await runScript(NAME, ["--verbose"], { url });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("postgresql://guarded@127.0.0.1");
  for (const secret of [PASSWORD, ENCODED]) expect(stdout + stderr).not.toContain(secret);
  const { rows } = await server.query<{ text: string }>(
    `select string_agg(r::text, '') || (select string_agg(a::text, '') from "Audit" a) as text from migration_runs r`,
  );
  expect(rows[0]?.text).toContain(NAME);
  expect(rows[0]?.text).not.toContain(PASSWORD);
});

test("a password that is a number does not blot out the numbers of the document", async () => {
  const url = urlWith({ password: String(new Date().getFullYear()) });
  const { json } = await runCaptured(batch, ["--json", "--dry-run"], { url });
  expect(new Date(json.startedAt).getTime()).toBeGreaterThan(Date.now() - 60_000);
});

test("a server that is stopped in the middle ends the run in one line; started again, the same command goes on", async () => {
  await addAudits(server, await addLead(server), 60);
  await holdAt(server, "text 35");
  const script = startScript(NAME, ["--chunk-size", "10", "--json"], { url: server.url });
  await until(async () => (await countRows(server, "Message")) === 30);
  await server.stop();
  const { exitCode, json, stderr } = await script.ended;
  expect(exitCode).toBe(1);
  expect(json).toMatchObject({ status: "failed", stats: { messagesCreated: 30 } });
  expect(stderr).not.toMatch(/^\s+at /m);
  await server.start();
  const next = await runScript(NAME, ["--json"], { url: server.url });
  expect(next.exitCode).toBe(0);
  expect(next.json).toMatchObject({ resumedFrom: json.runId, stats: { messagesCreated: 30 } });
  expect(await countRows(server, "Message")).toBe(60);
  const { rows } = await server.query("select status from migration_runs where id = $1", [json.runId]);
  expect(rows).toEqual([{ status: "interrupted" }]);
});

test("a replica is refused with 2; its dry run works", async () => {
  await addAudit(server, await addLead(server));
  await server.becomeReplica();
  const finished = await runScript(NAME, ["--json"], { url: server.url });
  expectOneLine(finished, /is a read-only replica\. Give the primary's URL in DATABASE_URL, or use --dry-run\.$/);
  expect(finished.exitCode).toBe(2);
  const dry = await runScript(NAME, ["--json", "--dry-run"], { url: server.url });
  expect(dry.exitCode).toBe(0);
  expect(dry.json.stats).toMatchObject({ messagesCreated: 1, conversationsCreated: 1 });
});
