/** `status --watch`, in a pipe and on a terminal. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { migrate } from "../../../scripts/migrate.ts";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addBusyLeads, holdAt } from "../../helpers/audits.ts";
import { useDatabase } from "../../helpers/database.ts";
import { capture, runInProcess, startFile, until } from "../../helpers/script.ts";
import { screenOf } from "./screen.ts";

const db = useDatabase();

test("in a pipe it prints the page, then only what changes, and ends with 130", async () => {
  await addBusyLeads(db, 5, 3);
  const watching = startFile("scripts/migrate.ts", ["status", "--watch", "0.2"], { url: db.url });
  await until(() => watching.output().includes("1  create-schema"));
  expect(watching.output()).toContain("Checks are running.");
  await until(() => /verify: \d+ of \d+ hold/.test(watching.output()));
  const hold = await holdAt(db, "text 3");
  const running = runInProcess(conversations, db);
  await until(() => / 4 {2}backfill-conversations-messages {2}running/.test(watching.output()));
  expect(watching.output()).toMatch(/run 1, process \d+ on /);
  await hold.letGo();
  await running;
  await until(() => / 4 {2}backfill-conversations-messages {2}done /.test(watching.output()));
  watching.signal("SIGINT");
  const { exitCode, stdout, stderr } = await watching.ended;
  expect(exitCode).toBe(130);
  expect(stdout.match(/^ 1 {2}create-schema/gm)).toHaveLength(1);
  expect(stdout.match(/^ 4 {2}/gm)?.length).toBeGreaterThanOrEqual(3);
  expect(stdout).not.toContain("\x1b");
  expect(stderr).toContain("Interrupted by SIGINT.");
});

test("a server that goes away is waited for", async () => {
  const watching = startFile("scripts/migrate.ts", ["status", "--watch", "0.2", "--no-verify"], { url: db.url });
  await until(() => watching.output().includes("To look at"));
  const name = new URL(db.url).pathname.slice(1);
  await db.query(`alter database ${name} connection limit 1`);
  await db.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'crm-migrations' and datname = current_database()",
  );
  await sleep(500);
  await addBusyLeads(db, 1, 1);
  await db.query(`alter database ${name} connection limit -1`);
  await runInProcess(conversations, db);
  await until(() => / 4 {2}backfill-conversations-messages {2}done /.test(watching.output()));
  watching.signal("SIGTERM");
  expect((await watching.ended).exitCode).toBe(143);
});

test.each([
  { columns: 80, rows: 60, colour: true },
  { columns: 50, rows: 12, colour: true },
  { columns: 100, rows: 24, colour: false },
])("on a terminal of $columns by $rows it writes over the page before", async ({ columns, rows, colour }) => {
  await addBusyLeads(db, 5, 3);
  await onTerminal({ columns, rows, colour }, ["status", "--watch", "0.2"], async (sent) => {
    const shows = (line: RegExp) => until(() => screenOf(sent()).some((one) => line.test(one)), String(line));
    await shows(/ 4 {2}.* pending/);
    await runInProcess(conversations, db);
    await shows(/ 4 {2}.* done/);
    const screen = screenOf(sent());
    expect(screen.filter((line) => line.startsWith(" 1  create-schema"))).toHaveLength(1);
    expect(Math.max(...screen.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(screen.length).toBeLessThanOrEqual(rows);
    if (!colour) expect(sent()).not.toContain("\u001b[3");
  });
});

interface Terminal {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

/** Runs a command in this process as if standard output were a terminal, does the work, and presses Ctrl-C. */
async function onTerminal(
  { columns, rows, colour }: Terminal,
  argv: readonly string[],
  work: (sent: () => string) => Promise<void>,
): Promise<void> {
  const { stdout, env } = process;
  const real = { isTTY: stdout.isTTY, columns: stdout.columns, rows: stdout.rows };
  Object.assign(stdout, { isTTY: true, columns, rows });
  process.env = { ...env, TERM: "xterm", ...(colour ? { NO_COLOR: "" } : { NO_COLOR: "1" }) };
  let sent = "";
  const watching = capture(db.url, () => {
    const { write } = stdout;
    stdout.write = ((chunk: string) => {
      sent += chunk;
      return write.call(stdout, chunk);
    }) as typeof write;
    return migrate(argv);
  });
  try {
    await work(() => sent);
  } finally {
    process.emit("SIGINT", "SIGINT");
    const { exitCode } = await watching;
    Object.assign(stdout, real);
    process.env = env;
    expect(exitCode).toBe(130);
  }
}
