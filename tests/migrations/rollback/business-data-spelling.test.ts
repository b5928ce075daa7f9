/** Keys that are equal and not the same, as 1.5 and 1.50: a sync brings over the source's spelling, and a rollback the one before. */
import { expect, test } from "@jest/globals";
import { runIn } from "../../helpers/salon.ts";
import { runSync } from "../../lib/move/sync/sync-batch.ts";
import { SCHEMA, useMoving } from "./business-data.ts";
import { keptOf, rollBack } from "./rollback.ts";

const moving = useMoving();
const { source, target, copy, sync, everything } = moving;

const DDL = `create table amounts (n numeric primary key, note text);
             create table parts (id int primary key, n numeric not null references amounts);
             create table names (id citext primary key, note text)`;
const ROWS = `insert into amounts values (1.0, 'a'), (1.5, 'b'), (2, 'c'); insert into parts values (1, 1.0), (2, 1.5);
              insert into names values ('Ann@x.org', 'a'), ('bob', 'b')`;

test.each([true, false])(
  "A spelling is brought over, and taken back again; rows that were copied: %s",
  async (copied) => {
    for (const db of [source, target]) await db.query("create extension citext");
    await runIn(source, "public", `${DDL}; ${ROWS}`);
    await target.query(`create schema ${SCHEMA}`);
    await target.query(`set search_path = ${SCHEMA}, public; ${DDL}; ${copied ? "" : ROWS}; reset search_path`);
    const before = await everything();
    if (copied) await copy();
    await source.query(`update amounts set n = 1.50 where n = 1.5; update amounts set n = 2.0, note = 'C' where n = 2; delete from parts where id = 1;
                      delete from amounts where n = 1; update names set id = 'ANN@x.org' where id = 'ann@x.org'`);
    const counts = { rowsInserted: 0, rowsUpdated: 3, rowsDeleted: 2, errors: 0 };
    const dry = await runSync({ source, target, schema: SCHEMA, deleteMissing: false }, ["--dry-run"]);
    expect(dry.document.stats).toMatchObject({ ...counts, rowsDeleted: 0 });
    expect((await sync()).document.stats).toMatchObject(counts);
    const { rows } = await target.query(
      `select n::text as key, note from ${SCHEMA}.amounts union all select id::text, note from ${SCHEMA}.names order by key`,
    );
    expect(rows).toEqual([
      { key: "1.50", note: "b" },
      { key: "2.0", note: "C" },
      { key: "ANN@x.org", note: "a" },
      { key: "bob", note: "b" },
    ]);
    expect((await sync()).document.stats).toMatchObject({
      rowsInserted: 0,
      rowsUpdated: 0,
      rowsDeleted: 0,
      rowsGone: 0,
    });
    expect(keptOf(await rollBack(target, 10))).toEqual([]);
    expect(await everything()).toEqual(before);
  },
);
