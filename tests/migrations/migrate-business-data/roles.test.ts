/** Roles with no more rights than they need: the one owns the target's tables, the other may read the source's. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/migrate-business-data.ts";
import { makePreserved, makeSalon, SALON_ROWS } from "../../helpers/salon.ts";
import { runCaptured } from "../../helpers/script.ts";
import { guardsIn, LONG_MS, PRESERVE, SCHEMA, sum, useMove } from "./bed.ts";

/** Roles outlive databases, and go before theirs do. */
afterEach(async () => {
  await source.query(`drop owned by ${roles().reader}; drop role ${roles().reader}`);
  const { owner } = roles();
  await target.query(`reassign owned by ${owner} to current_user; drop owned by ${owner}; drop role ${owner}`);
});

const { source, target, expectEqual } = useMove();

const roles = () => ({
  owner: `owner_${target.address.client.database}`,
  reader: `reader_${source.address.client.database}`,
});

/** Makes the role the owner of all that stands in these schemas, and of the database. */
const OWN = (role: string) => `
  do $$
  declare
    command text;
  begin
    for command in
      select format('alter %s %s owner to ${role}', case relkind when 'v' then 'view' else 'table' end, oid::regclass)
        from pg_class where relnamespace in ('public'::regnamespace, '${SCHEMA}'::regnamespace) and relkind in ('r', 'v')
       union all
      select format('alter function %s owner to ${role}', oid::regprocedure)
        from pg_proc where pronamespace in ('public'::regnamespace, '${SCHEMA}'::regnamespace)
       union all
      select format('alter schema %s owner to ${role}', name) from unnest(array['public', '${SCHEMA}']) name
       union all
      select format('alter database %I owner to ${role}', current_database())
    loop
      execute command;
    end loop;
  end $$`;

beforeEach(async () => {
  const { owner, reader } = roles();
  await makeSalon(source);
  await makePreserved(target, SCHEMA);
  await target.query(`create role ${owner} login; ${OWN(owner)}`);
  await source.query(`create role ${reader} login; grant select on all tables in schema public to ${reader}`);
  process.env.SOURCE_DATABASE_URL = as(reader, source.url);
});

function as(role: string, url: string): string {
  const other = new URL(url);
  other.username = role;
  return other.href;
}

const move = (...argv: readonly string[]) =>
  runCaptured(batch, ["--json", "--target-schema", SCHEMA, ...PRESERVE, ...argv], {
    url: as(roles().owner, target.url),
  });

test(
  "An owner who is no superuser moves what a reader may read, guards and proof included",
  async () => {
    const { exitCode, json, stderr } = await move();
    expect({ stderr, exitCode, ...json.stats }).toMatchObject({
      exitCode: 0,
      rowsInserted: sum(SALON_ROWS),
      tablesVerified: Object.keys(SALON_ROWS).length,
    });
    await expectEqual();
    expect(await guardsIn(target)).toEqual([]);
  },
  LONG_MS,
);

test(
  "Rows that a policy hides from the reader are an error, not a smaller table",
  async () => {
    await source.query("alter table clients enable row level security; create policy own on clients using (id = 502)");
    for (const argv of [["plan"], ["copy", "--dry-run"], []]) {
      const { exitCode, stderr } = await move(...argv);
      expect({ argv, exitCode, stderr }).toEqual({
        argv,
        exitCode: 1,
        stderr: expect.stringContaining('row-level security policy for table "clients"'),
      });
    }
    expect((await target.query("select to_regclass('salon.clients') as clients")).rows).toEqual([{ clients: null }]);
  },
  LONG_MS,
);

test("A table that the reader may not read is named", async () => {
  await source.query(`revoke select on clients from ${roles().reader}`);
  const { exitCode, stderr } = await move();
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining("clients") });
});
