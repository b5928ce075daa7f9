/** What only reads works with a role that may only read. */
import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { addBusyLeads, refuseMessages } from "../../helpers/audits.ts";
import { useDatabase } from "../../helpers/database.ts";
import { deskOn } from "./desk.ts";

const db = useDatabase();

test("a role that may only read is enough to list errors, to search and to rehearse", async () => {
  await addBusyLeads(db, 3, 3);
  await refuseMessages(db, "text 2");
  await deskOn(db)("up", "--yes", "--to", "4");
  const role = `reader_${randomUUID().slice(0, 8)}`;
  await db.query(`create role ${role} login password 'only-reads'`);
  await db.query(`grant select on all tables in schema public to ${role}`);
  const url = Object.assign(new URL(db.url), { username: role, password: "only-reads" }).href;
  try {
    const { json } = await deskOn({ url }, { json: true })("errors");
    expect([json.exitCode, json.items]).toEqual([1, 3]);
    const search = await deskOn({ url }, { json: true })("search", "text");
    expect([search.exitCode, search.json.total]).toEqual([0, 6]);
    const rehearsal = await deskOn({ url }, { json: true })("up", "--dry-run", "--to", "9");
    expect(rehearsal.json.rehearsed.map(({ batch }: { batch: number }) => batch)).toEqual([5, 9]);
  } finally {
    await db.query(`drop owned by ${role}; drop role ${role}`);
  }
});
