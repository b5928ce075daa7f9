/** What plan says, and that nothing is copied where it says that data would be lost. */
import { expect, test } from "@jest/globals";
import type { MovePlan } from "../../../scripts/lib/move/plan.ts";
import { makeOdd, makeSalon, runIn, SALON_ROWS } from "../../helpers/salon.ts";
import { ANON_KEY, PUBLISHABLE_KEY, SECRET_KEY, type Variant } from "../../helpers/stand-ins/postgrest.ts";
import { SCHEMA, sum, useMove } from "./bed.ts";

const { source, target, behindPostgrest, run } = useMove();

const DDL = `
  create table t (id bigint primary key, at timestamptz, amount numeric(12, 2), word text, note text);
  create table fine (id integer primary key, word varchar(20))`;
const NARROW = `
  create table t (id integer primary key, at timestamp, amount numeric(12, 1), word varchar(3));
  create table fine (id bigint primary key, word text)`;

test("Each column that would lose data is named, with exit 1, and neither copy nor a run of all begins", async () => {
  await runIn(source, "public", `${DDL}; insert into t values (1)`);
  await runIn(target, SCHEMA, NARROW);
  const before = await target.snapshot();
  const { exitCode, document, text } = await run("plan");
  expect({ exitCode, status: document.status }).toEqual({ exitCode: 1, status: "completed_with_errors" });
  const { differences } = document.plan as MovePlan;
  const losses = differences.filter(({ effect }) => effect === "loses").map(({ column }) => column);
  expect(losses.sort()).toEqual(["amount", "at", "id", "note", "word"]);
  expect(document.problems).toHaveLength(1);
  expect(text).toContain("t.id: integer in the target, bigint at the source");
  expect(text).toContain("t.at: timestamp without time zone in the target, timestamp with time zone at the source");
  expect(document.plan).toMatchObject({
    loses: true,
    tables: [
      { name: "fine", rows: 0 },
      { name: "t", rows: 1 },
    ],
  });
  for (const step of ["copy", "sync"])
    expect(await run(step)).toMatchObject({
      exitCode: 2,
      text: expect.stringMatching(
        /^Nothing was copied, since data would be lost: t\..* \(and 4 more\)\. `plan` tells/m,
      ),
    });
  const all = await run();
  expect([all.exitCode, all.document.subcommands?.length]).toEqual([1, 1]);
  expect(await target.snapshot()).toEqual(before);
  expect(await run("copy", "--tables", "fine")).toMatchObject({ exitCode: 0 });
});

test("A table that has the name of one of the suite's own is not moved onto it", async () => {
  await makeSalon(source);
  const { exitCode, document, text } = await run("plan", "--target-schema", "public");
  const message = "bookings in schema public of the target is the suite's own: choose another --target-schema";
  expect({ exitCode, plan: document.plan }).toMatchObject({
    exitCode: 1,
    plan: { collisions: [message], loses: true },
  });
  expect(text).toContain(message);
  expect((await run("copy", "--target-schema", "public")).exitCode).toBe(2);
  expect((await target.query("select from bookings")).rowCount).toBe(0);
});

test("What is not carried is named, and that alone is no failure", async () => {
  await makeOdd(source, "public", { rows: false });
  const { exitCode, text, document } = await run("plan");
  expect(exitCode).toBe(0);
  expect(document.plan).toMatchObject({
    loses: false,
    notCarried: ["row-level security of: employees", "policies: employees_own on employees", "view busy_stays"],
  });
  expect(text).toContain("policies: employees_own on employees");
  expect((await target.query("select from migration_runs")).rowCount).toBe(0);
});

test("Of PostgREST, what it can't show is said, and where it cuts its answers", async () => {
  await makeSalon(source);
  await makeSalon(target, SCHEMA, { rows: false });
  await behindPostgrest({ maxRows: 500 });
  const { exitCode, text, document } = await run("plan");
  expect(exitCode).toBe(0);
  expect(document.plan).toMatchObject({ rows: sum(SALON_ROWS), from: { kind: "postgrest" } });
  expect(document.plan).toMatchObject({ notShown: expect.arrayContaining(["sequences, and where they stand"]) });
  expect(text).toContain("each answer is cut at 500 rows; the copy goes on by keys");
});

/** A database of which PostgREST's role does not see every row; returns the role, which outlives the database. */
async function hideRows(variant: Variant = {}): Promise<string> {
  const role = `bound_${source.address.client.database}`;
  await makeSalon(source);
  await makeSalon(target, SCHEMA, { rows: false });
  await source.query(`alter table clients enable row level security;
                      create policy third on clients using (id % 3 = 0);
                      create role ${role} in role pg_read_all_data`);
  await behindPostgrest({ role, ...variant });
  return role;
}

test.each([
  ["shows its plans", { showsPlans: true }],
  ["does not show its plans", {}],
])("A key that row-level security binds is found out where PostgREST %s: nothing goes on", async (_, variant) => {
  const role = await hideRows(variant);
  try {
    const planned = await run("plan");
    expect(planned).toMatchObject({
      exitCode: 1,
      document: { plan: { collisions: ["the source hides rows from the key's role"] } },
    });
    for (const step of ["copy", "sync"])
      expect(await run(step)).toMatchObject({
        exitCode: 2,
        text: expect.stringContaining("hides rows from the key's role"),
      });
    expect((await target.query(`select from ${SCHEMA}.clients`)).rowCount).toBe(0);
    const verified = await run("verify", "--tables", "clients,dialog_contexts");
    expect(verified).toMatchObject({
      exitCode: 1,
      document: { problems: expect.arrayContaining([expect.objectContaining({ code: "filtered" })]) },
    });
  } finally {
    await source.query(`drop owned by ${role}; drop role ${role}`);
  }
});

test.each([
  ["an anonymous key", ANON_KEY, "a key of the role anon"],
  ["a publishable key", PUBLISHABLE_KEY, "a publishable key"],
  ["something else", "not-a-key", "is neither a JWT nor begins with sb_secret_"],
])("With %s nothing is asked for: exit 2", async (_, key, says) => {
  const service = await behindPostgrest();
  process.env.SUPABASE_SERVICE_ROLE_KEY = key;
  for (const argv of [["plan"], ["copy"], []]) {
    const { exitCode, text } = await run(...argv);
    expect({ exitCode, text }).toEqual({ exitCode: 2, text: expect.stringContaining(says) });
    expect(text).not.toContain(key);
  }
  expect(service.asked).toEqual([]);
});

test("A secret key that is no JWT is taken", async () => {
  await makeSalon(source);
  await makeSalon(target, SCHEMA, { rows: false });
  await behindPostgrest();
  process.env.SUPABASE_SERVICE_ROLE_KEY = SECRET_KEY;
  expect((await run("plan")).exitCode).toBe(0);
});
