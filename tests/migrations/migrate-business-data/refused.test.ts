/** What is refused before anything is written: exit 2, one line. */
import { expect, test } from "@jest/globals";
import { makeSalon } from "../../helpers/salon.ts";
import { SCHEMA, useMove } from "./bed.ts";

const bed = useMove();
const { source, target, run } = bed;

test("A schema is not copied into itself", async () => {
  await makeSalon(target, "theirs");
  process.env.SOURCE_DATABASE_URL = target.url;
  const before = await target.snapshot();
  const { exitCode, document } = await run("--source-schema", "theirs", "--target-schema", "theirs");
  expect({ exitCode, message: document.message }).toEqual({
    exitCode: 2,
    message: "Source and target are the same schema theirs of the same database: choose another --target-schema.",
  });
  expect(await target.snapshot()).toEqual(before);
  // Another schema of the same database is another place.
  expect((await run("--source-schema", "theirs", "--target-schema", "ours")).exitCode).toBe(0);
});

test.each(["copy", "sync"])("%s says which tables are still to be made", async (subcommand) => {
  await makeSalon(source);
  await makeSalon(target, SCHEMA);
  await target.query(`drop table ${SCHEMA}.staff_schedules, ${SCHEMA}.messages`);
  const { exitCode, document } = await run(subcommand);
  expect({ exitCode, message: document.message }).toEqual({
    exitCode: 2,
    message: `Schema ${SCHEMA} of the target has no messages, staff_schedules: run \`schema\` first.`,
  });
});

test("Nothing is deleted by which rows of tables that don't move would go along", async () => {
  await makeSalon(source);
  expect((await run()).exitCode).toBe(0);
  await target.query(
    `create schema notes;
     create table notes.of_services (
       service integer constraint notes_fkey references ${SCHEMA}.services (id) on delete cascade, note text);
     create table notes.kept (message uuid references ${SCHEMA}.messages (id));
     insert into notes.of_services select id, 'ours' from ${SCHEMA}.services`,
  );
  await source.query("delete from services where id = (select max(id) from services)");
  const { exitCode, document } = await run("sync", "--delete-missing");
  expect({ exitCode, message: document.message }).toEqual({
    exitCode: 2,
    message: expect.stringContaining("by notes_fkey of notes.of_services: leave it out"),
  });
  expect((await run("sync")).document.stats).toMatchObject({ rowsDeleted: 0, errors: 0 });
  await target.query("alter table notes.of_services drop constraint notes_fkey");
  expect((await run("sync", "--delete-missing")).document.stats).toMatchObject({ rowsDeleted: 1, errors: 0 });
  expect((await target.query("select from notes.of_services")).rowCount).toBe(63);
});
