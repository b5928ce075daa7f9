/** `status` on a test's database, and what it is about there. */
import { expect } from "@jest/globals";
import customers from "../../../scripts/migrations/backfill-customers.ts";
import { addBusyLeads } from "../../helpers/audits.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { type Done, deskOn } from "./desk.ts";

export const status = (db: { readonly url: string }, ...argv: string[]): Promise<Done> => deskOn(db)("status", ...argv);

/** The document of `status --json`. */
export async function statusJson(db: { readonly url: string }, ...argv: string[]): Promise<Done["json"]> {
  const done = await deskOn(db, { json: true })("status", ...argv);
  expect(done.json).toMatchObject({ command: "status", exitCode: done.exitCode });
  return done.json;
}

/** Five leads with three audits each, and their customers. */
export async function setUpData(db: TestDatabase): Promise<void> {
  await addBusyLeads(db, 5, 3);
  await runInProcess(customers, db);
}
