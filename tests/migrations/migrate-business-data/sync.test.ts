/** `sync`, until the cut-over: what is new, changed and gone at the source since. */
import { beforeEach, expect, test } from "@jest/globals";
import { makeSalon } from "../../helpers/salon.ts";
import { startFile } from "../../helpers/script.ts";
import { LONG_MS, NAME, SCHEMA, useMove } from "./bed.ts";

const { source, target, behindPostgrest, run, expectEqual, rowsIn } = useMove();

/** Three updates, two insertions, four deletions. */
const CHANGES = `
  update services set price_min = price_min + 100, updated_at = '2030-01-01' where id in (select id from services order by id limit 3);
  insert into messages (company_id, client_phone, direction, content)
  select 1, '+7999000000' || i, 'incoming', 'See you' from generate_series(1, 2) i;
  delete from actions where id in (select id from actions order by id limit 4);`;

const NUMBERS = { rowsInserted: 2, rowsUpdated: 3, rowsDeleted: 0, rowsQuarantined: 0, errors: 0 };

beforeEach(async () => {
  await makeSalon(source);
  await makeSalon(target, SCHEMA);
});

test.each(["direct", "postgrest"] as const)(
  "From a %s source: what a rehearsal says is done; what is gone is listed first, and deleted where that is asked for",
  async (kind) => {
    if (kind === "postgrest") await behindPostgrest({ maxRows: 300 });
    await source.query(CHANGES);
    const before = [await target.snapshot(), await rowsIn()];
    const rehearsed = await run("sync", "--dry-run");
    expect([await target.snapshot(), await rowsIn()]).toEqual(before);
    const listed = await run("sync");
    expect({ exitCode: listed.exitCode, ...listed.document.stats }).toMatchObject({ exitCode: 0, ...NUMBERS });
    expect(rehearsed.document.stats).toEqual(listed.document.stats);
    expect(listed.text).toMatch(
      /actions: 4 rows are not at the source; they stay without --delete-missing: [0-9a-f-]{36};/,
    );
    const actions = listed.document.tables?.find(({ table }) => table === "actions");
    expect(actions).toMatchObject({ rowsDeleted: 0, rowsGone: 4 });
    expect((await run("verify", "--tables", "actions")).exitCode).toBe(1);

    const deleted = await run("sync", "--delete-missing");
    expect(deleted.document.stats).toMatchObject({ rowsInserted: 0, rowsUpdated: 0, rowsDeleted: 4 });
    await expectEqual();
    const again = await run("sync", "--delete-missing");
    expect(again).toMatchObject({
      exitCode: 0,
      document: { stats: { rowsInserted: 0, rowsUpdated: 0, rowsDeleted: 0 } },
    });
    const { rows } = await target.query(
      "select action, count(*)::int from migration_effects where action in ('update', 'delete') group by 1 order by 1",
    );
    expect(rows).toEqual([
      { action: "delete", count: 4 },
      { action: "update", count: 3 },
    ]);
  },
  LONG_MS,
);

test("--since compares what says that it changed later, and finds new rows by their keys whatever they say", async () => {
  await source.query(CHANGES);
  await source.query(`alter table clients disable trigger user;
                      update clients set name = 'Old news' where id = (select min(id) from clients);
                      insert into clients (yclients_id, phone, created_at, updated_at) values (1, '1', '2001-01-01', '2001-01-01')`);
  const { document } = await run("sync", "--since", "2029-12-31");
  expect(document.stats).toMatchObject({ rowsInserted: 3, rowsUpdated: 3 });
  expect((await run("sync", "--delete-missing")).document.stats).toMatchObject({ rowsUpdated: 1, rowsDeleted: 4 });
  await expectEqual();
});

test(
  "A row that the target refuses is quarantined, counted by every run, and stored by --retry-errors once it can be",
  async () => {
    await target.query(`alter table ${SCHEMA}.services add constraint cheap check (price_min < 1000000)`);
    await source.query(`update services set price_min = case id when 1 then 9999999 else price_min + 1 end where id <= 5;
                      insert into services (yclients_id, title, price_min) values (1, 'Dear', 2000000)`);
    const { exitCode, document } = await run("sync");
    expect({ exitCode, ...document.stats }).toMatchObject({
      exitCode: 1,
      rowsUpdated: 4,
      rowsInserted: 0,
      rowsQuarantined: 2,
      errors: 2,
    });
    expect(document.errors.map(({ code }) => code)).toEqual(["23514", "23514"]);
    expect(await run("sync")).toMatchObject({ exitCode: 1, document: { stats: { rowsUpdated: 0, errors: 2 } } });
    expect(await run("sync", "--retry-errors")).toMatchObject({ exitCode: 1, document: { stats: { errors: 2 } } });
    await target.query(`alter table ${SCHEMA}.services drop constraint cheap`);
    // Without a subcommand, too.
    const mended = await run("--retry-errors");
    expect(mended).toMatchObject({
      exitCode: 0,
      document: { stats: { rowsUpdated: 1, rowsInserted: 1, errors: 0 } },
    });
    await expectEqual();
    expect((await run("verify")).exitCode).toBe(0);
  },
  LONG_MS,
);

test(
  "A sync that was stopped is taken up by the same command, and by no other",
  async () => {
    await source.query(
      "update clients set notes = 'changed' where id % 4 = 0; update messages set content = 'changed'",
    );
    const limited = await run("sync", "--limit", "100");
    const rest = await run("copy");
    expect(rest).toMatchObject({
      exitCode: 2,
      text: expect.stringMatching(/started with sync .*, this one with copy /),
    });
    const { document } = await run("sync");
    expect(document.resumedFrom).toBe(limited.document.runId);
    const { rows } = await source.query<{ n: number }>(
      "select ((select count(*) from clients where id % 4 = 0) + (select count(*) from messages))::int as n",
    );
    expect((limited.document.stats.rowsUpdated ?? 0) + (document.stats.rowsUpdated ?? 0)).toBe(rows[0]?.n);
    await expectEqual();
  },
  LONG_MS,
);

test(
  "A sync that was killed is what a run without a subcommand goes on with",
  async () => {
    await source.query(
      "update clients set notes = 'changed' where id % 4 = 0; update messages set content = 'changed'",
    );
    const argv = ["sync", "--workers", "1", "--target-schema", SCHEMA];
    const env = { CRM_MIGRATIONS_FAULT: "page-committed:1" };
    const killed = await startFile(`scripts/migrations/${NAME}.ts`, argv, { url: target.url, env }).ended;
    expect(killed.exitCode).toBe(137);
    const { exitCode, text, document } = await run();
    expect({ exitCode, steps: document.subcommands?.length }).toEqual({ exitCode: 0, steps: 1 });
    expect(text).toContain("Going on with sync, which an earlier run did not finish.");
    await expectEqual();
  },
  LONG_MS,
);
