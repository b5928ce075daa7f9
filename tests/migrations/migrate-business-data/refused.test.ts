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
