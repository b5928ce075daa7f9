/** Nothing that is printed or stored holds what must stay secret, whether a move ends well or not. */
import { expect, test } from "@jest/globals";
import { makeSalon } from "../../helpers/salon.ts";
import { runScript } from "../../helpers/script.ts";
import { jwtOf } from "../../helpers/stand-ins/postgrest.ts";
import { NAME, SCHEMA, useMove } from "./bed.ts";

const { source, target, behindPostgrest, run } = useMove();

const PASSWORD = "not-to-be-seen-4711";

/** All that is written down anywhere in the target. */
const everythingStored = async () =>
  JSON.stringify([await target.snapshot(), (await target.query("select * from migration_runs")).rows]);

test("The source's password is nowhere, whether a move ends well or not", async () => {
  await makeSalon(source);
  const url = new URL(source.url);
  url.password = PASSWORD;
  const said: string[] = [];
  for (const [database, code] of [
    [url.pathname, 0],
    ["/no_such_database", 2],
  ] as const) {
    url.pathname = database;
    const argv = ["--target-schema", SCHEMA, "--verbose", "--json", "--tables", "companies,staff"];
    const env = { SOURCE_DATABASE_URL: url.href };
    const { exitCode, stdout, stderr } = await runScript(NAME, argv, { url: target.url, env });
    expect({ exitCode, stderr }).toEqual({ exitCode: code, stderr: expect.anything() });
    // Nothing but the document.
    expect(JSON.parse(stdout)).toMatchObject({ script: NAME, status: code === 0 ? "completed" : "failed" });
    said.push(stdout, stderr);
  }
  expect([...said, await everythingStored()].filter((text) => text.includes(PASSWORD))).toEqual([]);
}, 60_000);

test("The service key is nowhere, also where it is refused", async () => {
  await makeSalon(source);
  await makeSalon(target, SCHEMA, { rows: false });
  await behindPostgrest();
  const good = process.env.SUPABASE_SERVICE_ROLE_KEY ?? "";
  const other = jwtOf({ role: "service_role", ref: "another-project" });
  const moved = await run("--tables", "companies,staff", "--verbose");
  process.env.SUPABASE_SERVICE_ROLE_KEY = other;
  const refused = await run("copy", "--tables", "companies,staff", "--verbose");
  expect([moved.exitCode, refused.exitCode]).toEqual([0, 2]);
  expect(refused.text).toContain("does not accept the key (SUPABASE_SERVICE_ROLE_KEY)");
  const places = [moved, refused].flatMap(({ text, document }) => [text, JSON.stringify(document)]);
  for (const key of [good, other])
    expect([...places, await everythingStored()].filter((text) => text.includes(key))).toEqual([]);
});
