/** A copy that was interrupted goes on with a later moment of a source that lives, whose new rows refer to each other. */
import { expect, test } from "@jest/globals";
import { startFile } from "../../helpers/script.ts";
import { LONG_MS, NAME, SCHEMA, useMove } from "./bed.ts";

const { source, target, run, expectEqual } = useMove();

const tables = (schema: string) => `
  create table ${schema}.clients (id int primary key);
  create table ${schema}.bookings (id int primary key, client int not null references ${schema}.clients);
  create table ${schema}.log (client int not null references ${schema}.clients)`;

const killedAt = (fault: string) =>
  startFile(`scripts/migrations/${NAME}.ts`, ["--target-schema", SCHEMA, "--workers", "1"], {
    url: target.url,
    env: { CRM_MIGRATIONS_FAULT: fault },
  }).ended;

test.each([true, false])(
  "Rows whose parents came meanwhile wait for the next copy, which the same command reaches; foreign keys at once: %s",
  async (keysAtOnce) => {
    await source.query(`${tables("public")}; insert into clients select generate_series(1, 100);
                        insert into bookings select i, i from generate_series(1, 100) i; insert into log select id from clients`);
    if (keysAtOnce) await target.query(`create schema ${SCHEMA}; ${tables(SCHEMA)}`);
    expect((await killedAt("page-stored:2")).exitCode).toBe(137); // the clients are there
    await source.query(
      "insert into clients values (101); insert into bookings values (0, 101), (101, 1); insert into log values (101)",
    );
    const second = await run("--workers", "1");
    expect(second.exitCode).toBe(1);
    if (keysAtOnce) expect(second.document.errors.map(({ key }) => key)).toEqual(['["bookings","0"]', '["log"]']);
    const third = await run();
    expect({ text: third.text, exitCode: third.exitCode, ...third.document.stats }).toMatchObject({
      exitCode: 0,
      tablesVerified: 3,
      differences: 0,
      errors: 0,
    });
    await expectEqual();
  },
  LONG_MS,
);

test(
  "Rows that refer to nothing stay in quarantine, and keep nobody from what comes behind a plan",
  async () => {
    await source.query(
      "create table clients (id int primary key); create table bookings (id int primary key, client int)",
    );
    await target.query(`create schema ${SCHEMA}; ${tables(SCHEMA)}; drop table ${SCHEMA}.log`);
    await source.query(
      "insert into clients values (1), (2); insert into bookings values (1, 1), (2, 77), (3, 78), (4, 2)",
    );
    for (let round = 0; round < 2; round++) {
      const { exitCode, document, text } = await run();
      expect({ exitCode, text }).toEqual({ exitCode: 1, text: expect.stringContaining("Copy the rows of a database") });
      expect(document.errors.map(({ key }) => key)).toEqual(['["bookings","2"]', '["bookings","3"]']);
      expect(document.stats).toMatchObject({ rowsInserted: round === 0 ? 4 : 0, errors: 2 });
    }
    expect((await target.query(`select id from ${SCHEMA}.bookings order by id`)).rows).toEqual([{ id: 1 }, { id: 4 }]);
  },
  LONG_MS,
);
