/** What can't be meant is refused with one line, before anything is touched. */
import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/migrate-business-data.ts";
import { makeSalon } from "../../helpers/salon.ts";
import { runCaptured } from "../../helpers/script.ts";
import { jwtOf } from "../../helpers/stand-ins/postgrest.ts";
import { SCHEMA, useMove } from "./bed.ts";

const { source, target, run } = useMove();

/** Each command line with what the one line says about it. */
type Refused = readonly (readonly [argv: string, says: RegExp])[];

async function expectRefused(cases: Refused, ...more: readonly string[]): Promise<void> {
  for (const [argv, says] of cases) {
    const { exitCode, stdout, stderr } = await runCaptured(batch, [...argv.split(" "), ...more], target);
    expect({ argv, exitCode, stdout, lines: stderr.trim().split("\n") }).toEqual({
      argv,
      exitCode: 2,
      stdout: expect.not.stringContaining("Completed"),
      lines: [expect.stringMatching(says)],
    });
  }
  expect((await target.query("select from migration_runs")).rowCount).toBe(0);
}

const WRONG: Refused = [
  ["move", /^Unknown argument: move\. Subcommands: plan, schema, copy, verify, sync\./],
  ["copy verify", /^Unknown argument: verify\. Subcommands: /],
  ["copy --quickly", /^Unknown argument: quickly\. Allowed: /],
  ["copy --drop-existing --all", /^--drop-existing belongs to schema: leave it out, or run schema\.$/],
  ["sync --schema-file a.sql", /^--schema-file belongs to schema/],
  ["verify --functions", /^--functions belongs to schema/],
  ["copy --since 2025-01-01", /^--since belongs to sync/],
  ["plan --delete-missing", /^--delete-missing belongs to sync/],
  ["--all --tables a", /^--all and --tables exclude each other/],
  ["--drop-existing", /^--drop-existing wants to be told what it drops: add --tables a,b or --all\.$/],
  ["schema --drop-existing", /^--drop-existing wants to be told what it drops/],
  ["verify --limit 5", /^--limit belongs to copy and sync\.$/],
  ["plan --retry-errors", /^--retry-errors belongs to copy and sync\.$/],
  ["copy --tables a,,b", /^--tables takes names of tables, with a comma between, not "a,,b"\.$/],
  ["copy --preserve ,", /^--preserve takes names of tables/],
  ["sync --since yesterday", /^--since takes a date or a time such as 2025-11-16/],
  ["sync --since 2025-13-01", /^--since takes a date or a time/],
  ["sync --since 2025-02-29", /^--since takes a date or a time/],
  ["sync --since 2025-02-28T24:00", /^--since takes a date or a time/],
  ["--from mysql", /^--from takes "direct" or "postgrest", not "mysql"\.$/],
  ["--timeout soon", /^--timeout /],
  ["copy --workers 0", /^--workers /],
  ["--restart --retry-errors", /^--restart and --retry-errors exclude each other/],
  ["--retry-errors --limit 3", /^--retry-errors runs every quarantined item/],
];

test("Options that can't be meant are refused, each with one line", async () => {
  await source.query("create table a (id integer primary key, updated_at timestamptz)");
  await target.query(
    `create schema ${SCHEMA}; create table ${SCHEMA}.a (id integer primary key, updated_at timestamptz)`,
  );
  await expectRefused(WRONG, "--target-schema", SCHEMA);
  expect(await run("sync", "--since", "2024-02-29T23:59:59.999999+05:30")).toMatchObject({ exitCode: 0 });
});

const NOT_THERE: Refused = [
  ["plan --tables b", /^--tables: the source has no table b\. It has a\.$/],
  ["copy --preserve b", /^--preserve: neither the source nor schema salon of the target has a table b\.$/],
  ["copy --preserve a --tables a", /^a can't be both moved \(--tables\) and preserved \(--preserve\)\.$/],
  ["copy --source-schema nowhere", /nowhere/],
  ["copy", /^Schema salon of the target has no a: run `schema` first\.$/],
];

test("What is not there is named", async () => {
  await source.query("create table a (id integer primary key)");
  await expectRefused(NOT_THERE, "--target-schema", SCHEMA);
  const { exitCode, stderr } = await runCaptured(batch, ["schema", "--schema-file", "nowhere.sql"], target);
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(/^.*nowhere\.sql.*\n$/) });
});

test("A source that is not, or half, named is asked for by its variables", async () => {
  const cases: readonly (readonly [object, string, RegExp])[] = [
    [{}, "plan", /^There is no source: set SOURCE_DATABASE_URL, or SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY\.$/],
    [{}, "copy --from direct", /^SOURCE_DATABASE_URL is not set\.$/],
    [{}, "copy --from postgrest", /^SUPABASE_URL is not set\.$/],
    [{ SUPABASE_URL: "https://example.test" }, "copy", /^SUPABASE_SERVICE_ROLE_KEY is not set\.$/],
    [{ SOURCE_DATABASE_URL: "mysql://me:hidden@there/db" }, "copy", /^SOURCE_DATABASE_URL /],
    [
      { SUPABASE_URL: "example", SUPABASE_SERVICE_ROLE_KEY: jwtOf({ role: "service_role" }) },
      "copy",
      /an address such as/,
    ],
  ];
  for (const [environment, argv, says] of cases) {
    Object.assign(
      process.env,
      { SOURCE_DATABASE_URL: "", SUPABASE_URL: "", SUPABASE_SERVICE_ROLE_KEY: "" },
      environment,
    );
    await expectRefused([[argv, says]]);
  }
});

test("Help names the subcommands, also after one of them, and nothing is connected to", async () => {
  for (const argv of [["--help"], ["copy", "--help"], ["sync", "-h"]]) {
    const { exitCode, stdout, stderr } = await runCaptured(batch, argv, {
      url: "postgresql://nobody@127.0.0.1:1/none",
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    for (const name of ["plan", "schema", "copy", "verify", "sync"])
      expect(stdout).toMatch(new RegExp(`^ *${name} +\\w`, "m"));
  }
});

test("Tables of the source itself are not taken for the target's, above all not dropped", async () => {
  await makeSalon(target, SCHEMA);
  process.env.SOURCE_DATABASE_URL = target.url;
  const says = /^Source and target are the same schema/;
  const steps = ["plan", "schema --drop-existing --all", "copy", "sync --delete-missing", "--drop-existing --all"];
  await expectRefused(
    steps.map((step) => [step, says] as const),
    "--source-schema",
    SCHEMA,
    "--target-schema",
    SCHEMA,
  );
  expect((await target.query(`select from ${SCHEMA}.clients`)).rowCount).toBe(1304);
});
