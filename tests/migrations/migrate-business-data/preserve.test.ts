/** Tables that are preserved: the database itself refuses us to write to them, and what others do there is told. */
import { beforeEach, expect, test } from "@jest/globals";
import { makePreserved, makeSalon, PRESERVED_ROWS } from "../../helpers/salon.ts";
import { startFile } from "../../helpers/script.ts";
import { guardsIn, LONG_MS, NAME, PRESERVE, SCHEMA, useMove } from "./bed.ts";

const { source, target, run, rowsIn } = useMove();

beforeEach(async () => {
  await makeSalon(source);
  await makePreserved(target, SCHEMA);
});

const preserved = async () => {
  const { whatsapp_auth, whatsapp_keys } = await rowsIn();
  return { whatsapp_auth, whatsapp_keys };
};

test(
  "A deletion that would cascade into a preserved table is refused: nothing is lost on either, and no guard stays",
  async () => {
    expect((await run("--tables", "companies,clients", ...PRESERVE)).exitCode).toBe(0);
    await target.query(
      `alter table ${SCHEMA}.whatsapp_auth add client integer references ${SCHEMA}.clients on delete cascade;
       update ${SCHEMA}.whatsapp_auth set client = 502`,
    );
    const before = await preserved();
    await source.query("update dialog_contexts set client_id = null; delete from clients where id in (502, 504)");
    const { exitCode, text, document } = await run("sync", "--delete-missing", "--tables", "clients", ...PRESERVE);
    expect({ exitCode, status: document.status }).toEqual({ exitCode: 1, status: "failed" });
    expect(text).toContain(`table ${SCHEMA}.whatsapp_auth is preserved: nothing of it is changed`);
    expect(await preserved()).toEqual(before);
    expect((await target.query(`select from ${SCHEMA}.clients where id = 502`)).rowCount).toBe(1);
    expect(await guardsIn(target)).toEqual([]);
    // Once the row is free, the same command goes on.
    await target.query(`update ${SCHEMA}.whatsapp_auth set client = null`);
    const then = await run("sync", "--delete-missing", "--tables", "clients", ...PRESERVE);
    expect({ code: then.exitCode, ...then.document.stats }).toMatchObject({ code: 0, rowsDeleted: 2 });
  },
  LONG_MS,
);

test(
  "A killed run leaves its guards, which stop nobody else; the next run takes them away",
  async () => {
    const killed = await startFile(`scripts/migrations/${NAME}.ts`, ["--target-schema", SCHEMA, ...PRESERVE], {
      url: target.url,
      env: { CRM_MIGRATIONS_FAULT: "page-stored:2" },
    }).ended;
    expect([killed.exitCode, (await guardsIn(target)).length]).toEqual([137, 5]);
    await target.query(`update ${SCHEMA}.whatsapp_auth set creds = '{}'`);
    expect(await run(...PRESERVE)).toMatchObject({ exitCode: 0 });
    expect(await guardsIn(target)).toEqual([]);
  },
  LONG_MS,
);

test(
  "What others add, change and delete there is listed, and is no failure; a table that is gone is one",
  async () => {
    expect((await run("--tables", "companies", ...PRESERVE)).exitCode).toBe(0);
    await target.query(
      `update ${SCHEMA}.whatsapp_auth set creds = '{"registered": false}';
       delete from ${SCHEMA}.whatsapp_keys where key_id in ('key:8', 'key:9');
       insert into ${SCHEMA}.whatsapp_keys values ('962302', 'session', 'new', '{}')`,
    );
    const verify = () => run("verify", "--tables", "companies", ...PRESERVE);
    const { exitCode, text } = await verify();
    expect(exitCode).toBe(0);
    for (const line of [
      "whatsapp_auth: 1 rows were changed by somebody else: {962302}",
      "whatsapp_keys: 1 rows were added by somebody else: {962302,session,new}",
      "whatsapp_keys: 2 rows are gone: {962302,lid-mapping,key:8}; {962302,pre-key,key:9}",
    ])
      expect(text).toContain(`note: ${SCHEMA}.${line}`);
    // The source has a table of that name too, so that the name alone is no mistake.
    await makePreserved(source);
    expect((await verify()).exitCode).toBe(0);
    await target.query(`drop table ${SCHEMA}.whatsapp_auth`);
    const gone = await verify();
    expect(gone).toMatchObject({ exitCode: 1, text: expect.stringContaining(`${SCHEMA}.whatsapp_auth: it is gone`) });
  },
  LONG_MS,
);

test(
  "A table that both sides have does not move where it is preserved",
  async () => {
    await makePreserved(source);
    await source.query("update whatsapp_auth set creds = '{}'; delete from whatsapp_keys where key_id < 'key:5'");
    const before = await preserved();
    const { exitCode, document } = await run("--all", ...PRESERVE);
    expect([exitCode, document.tables?.map(({ table }) => table)]).toEqual([
      0,
      expect.not.arrayContaining(Object.keys(PRESERVED_ROWS)),
    ]);
    expect(await preserved()).toEqual(before);
  },
  LONG_MS,
);

test("A preserved table of which nothing is known from before is not proven", async () => {
  await makeSalon(target, SCHEMA);
  const { exitCode, text } = await run("verify", ...PRESERVE);
  expect(exitCode).toBe(1);
  expect(text).toContain(`${SCHEMA}.whatsapp_auth: nothing is known of what it held before`);
});
