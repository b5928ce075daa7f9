/** `rollback 10`: tables that the move made go with their rows; what was there before stays, and so does what others added. */
import { expect, test } from "@jest/globals";
import { readThings } from "../../../scripts/lib/commands/rollback/deeds.ts";
import { makePreserved, makeSalon, SALON_ROWS } from "../../helpers/salon.ts";
import { LONG_MS, PRESERVE, SCHEMA, sum, useMove } from "../../migrations/migrate-business-data/bed.ts";
import { deskOn } from "./desk.ts";

const { source, target, run, rowsIn } = useMove();

const things = async () => (await readThings(target)).map(({ kind, name }) => `${kind} ${name}`).sort();

const removedOf = ({ json }: { json: { tables: { table: string; removed: number }[] } }) =>
  json.tables.filter(({ table }) => table.startsWith(`${SCHEMA}.`)).reduce((all, { removed }) => all + removed, 0);

test(
  "a whole move goes, with the tables that it made, and a rehearsal foretells it",
  async () => {
    await makeSalon(source);
    await makePreserved(target, SCHEMA);
    const before = { things: await things(), rows: await rowsIn(), suite: await target.snapshot() };
    expect(await run(...PRESERVE)).toMatchObject({ exitCode: 0 });
    const foretold = await deskOn(target, { json: true })("rollback", "10", "--dry-run");
    expect([foretold.exitCode, foretold.json.kept]).toEqual([0, []]);
    expect(foretold.json.dropped).toContainEqual({ kind: "table", name: `${SCHEMA}.bookings` });
    expect(removedOf(foretold)).toBe(sum(SALON_ROWS));
    const done = await deskOn(target, { json: true })("rollback", "10", "--yes");
    expect([done.exitCode, done.json]).toEqual([0, { ...foretold.json, mode: "write" }]);
    expect({ things: await things(), rows: await rowsIn(), suite: await target.snapshot() }).toEqual(before);
    expect((await deskOn(target)("rollback", "10", "--yes")).exitCode).toBe(2);
  },
  LONG_MS,
);

test(
  "rows alone go from tables that were there",
  async () => {
    await makeSalon(source);
    await makeSalon(target, SCHEMA);
    await target.query(
      `set search_path = ${SCHEMA}; truncate ${Object.keys(SALON_ROWS).join(", ")}; reset search_path`,
    );
    const before = { things: await things(), rows: await rowsIn() };
    expect(await run("copy")).toMatchObject({ exitCode: 0 });
    const done = await deskOn(target, { json: true })("rollback", "10", "--yes");
    expect([done.exitCode, done.json.dropped, removedOf(done)]).toEqual([0, [], sum(SALON_ROWS)]);
    expect({ things: await things(), rows: await rowsIn() }).toEqual(before);
  },
  LONG_MS,
);
