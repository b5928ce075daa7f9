import { fileURLToPath } from "node:url";
import { type Address, parseAddress } from "../db/address.ts";
import { withDatabase } from "../db/database.ts";
import { applyFolders } from "../schema/engine.ts";
import { listFolders } from "../schema/folders.ts";
import { readSql } from "../sql-file.ts";
import { runSqlScript } from "../sql-script.ts";

const file = (name: string) => new URL(name, import.meta.url);

export interface Size {
  readonly audits: number;
  readonly leads: number;
}

/** What a backfill has written: counts, and hashes that do not depend on ids or order. */
export type Fingerprint = Readonly<
  Record<"conversations" | "conversations_hash" | "messages" | "messages_hash", unknown>
>;

/** Fills an empty database: every folder's tables and indexes, and a CRM's leads and audits. */
export async function buildReference(url: string, { audits, leads }: Size): Promise<void> {
  const address = parseAddress(url);
  await applyFolders(address, await listFolders());
  const settings = { "bench.audits": String(audits), "bench.leads": String(leads) };
  await runSqlScript(address, fileURLToPath(file("reference-data.sql")), { settings });
  await settle(address);
}

/** The rival: one statement, into the same indexed tables. */
export const writeByHand = (url: string): Promise<unknown> =>
  withDatabase(parseAddress(url), { max: 1 }, (db) => db.query(readSql(file("hand-written.sql"))));

/** What was written there; equal fingerprints mean equal conversations and messages. */
export const fingerprintOf = (url: string): Promise<Fingerprint | undefined> =>
  withDatabase(parseAddress(url), { max: 1, readOnly: true }, async (db) => {
    const { rows } = await db.query<Fingerprint>(readSql(file("fingerprint.sql")));
    return rows[0];
  });

/** Statistics as a CRM has them, and no work left over that would fall into what is measured. */
const settle = (address: Address): Promise<unknown> =>
  withDatabase(address, { max: 1 }, async (db) => {
    await db.query("vacuum analyze");
    await db.query("checkpoint");
  });
