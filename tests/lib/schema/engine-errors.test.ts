import { expect, test } from "@jest/globals";
import { openConnection } from "../../../scripts/lib/db/database.ts";
import { MustWait, UserError } from "../../../scripts/lib/errors.ts";
import { applyFolders } from "../../../scripts/lib/schema/engine.ts";
import { useDatabase } from "../../helpers/database.ts";
import { folder } from "./folder.ts";

const db = useDatabase({ empty: true });

const people = folder("20250101_people", "create table people (id int);");
const mended = folder("20250102_pets", "create table pets (id int);");

const hasTable = async (name: string) => (await db.query("select to_regclass($1) as t", [name])).rows[0]?.t !== null;

test("An unfinished entry of somebody else's folder stops the run", async () => {
  await applyFolders(db.address, [people]);
  await db.query(
    "insert into _prisma_migrations (id, checksum, migration_name) values ('1', 'x', '20240101_not_of_this_suite')",
  );
  await expect(applyFolders(db.address, [people, mended])).rejects.toThrow(/`20240101_not_of_this_suite`.*failed/);
  expect(await hasTable("pets")).toBe(false);
});

test("A lock that another session keeps ends the wait with exit 75, and nothing is left", async () => {
  await applyFolders(db.address, [people]);
  const other = await openConnection(db.address);
  try {
    await other.query("begin; lock table people;");
    const impatient = folder("20250102_pets", "set lock_timeout = '50ms'; create table pets (); drop table people;");
    await expect(applyFolders(db.address, [people, impatient])).rejects.toThrow(MustWait);
  } finally {
    await other.end();
  }
  expect(await hasTable("pets")).toBe(false);
  expect(await applyFolders(db.address, [people, mended])).toEqual(["20250102_pets"]);
});

test("A server that is not there, or a wrong database, is the user's to mend, and the password stays secret", async () => {
  const secret = { ...db.address.client, password: "s3cr3t-password" };
  const unreachable = applyFolders({ ...db.address, client: { ...secret, port: 1 } }, [people]);
  await expect(unreachable).rejects.toThrow(UserError);
  await expect(unreachable).rejects.toThrow(/^(?!.*s3cr3t).*ECONNREFUSED/);
  const missing = applyFolders({ ...db.address, client: { ...secret, database: "not_there" } }, [people]);
  await expect(missing).rejects.toThrow(/"not_there" does not exist \(SQLSTATE 3D000\)/);
});
