import { fileURLToPath } from "node:url";
import { parseAddress } from "../db/address.ts";
import { withDatabase } from "../db/database.ts";
import type { OwnServer } from "../own-database.ts";
import { formatCount, formatDuration } from "../report/format.ts";
import { applyFolders } from "../schema/engine.ts";
import { listFolders } from "../schema/folders.ts";
import { readSql } from "../sql-file.ts";
import { runSqlScript } from "../sql-script.ts";
import { measure } from "./measure.ts";

const DATA = fileURLToPath(new URL("reference-data.sql", import.meta.url));
const FINGERPRINT = new URL("fingerprint.sql", import.meta.url);

/** Numbered, not named by size: what a killed benchmark leaves behind the next one replaces. */
const nameOf = (index: number): string => `crm_bench_${index + 1}`;
const CLONE = "crm_bench_clone";

export interface Size {
  readonly audits: number;
  readonly leads: number;
}

/** A CRM of that size before any backfill; contestants get clones of it. */
export interface Reference {
  readonly size: Size;
  /** Runs `work` on a fresh clone, which is in the same state each time. */
  onClone<T>(work: (url: string) => Promise<T>): Promise<T>;
}

/** What a backfill has written: counts, and hashes that do not depend on ids or order. */
export interface Fingerprint {
  readonly conversations: number;
  readonly conversations_hash: string | null;
  readonly messages: number;
  readonly messages_hash: string | null;
}

/** Makes a reference of each size for the time of `work`. */
export async function withReferences<T>(
  server: OwnServer,
  sizes: readonly Size[],
  say: (line: string) => void,
  work: (references: readonly Reference[]) => Promise<T>,
): Promise<T> {
  try {
    const references: Reference[] = [];
    for (const [index, size] of sizes.entries()) {
      say(`Making ${formatCount(size.audits)} audits of ${formatCount(size.leads)} leads...`);
      const { ms } = await measure(async () => buildReference(await server.create(nameOf(index)), size));
      say(`  in ${formatDuration(ms)}`);
      references.push({ size, onClone: (task) => onClone(server, nameOf(index), task) });
    }
    return await work(references);
  } finally {
    for (const name of [CLONE, ...sizes.map((_, index) => nameOf(index))]) await server.drop(name);
  }
}

/** Fills an empty database: every folder's tables and indexes, and a CRM's leads and audits. */
async function buildReference(url: string, { audits, leads }: Size): Promise<void> {
  const address = parseAddress(url);
  await applyFolders(address, await listFolders());
  const settings = { "bench.audits": String(audits), "bench.leads": String(leads) };
  await runSqlScript(address, DATA, { settings });
  await settle(url);
}

async function onClone<T>(server: OwnServer, template: string, work: (url: string) => Promise<T>): Promise<T> {
  const url = await server.create(CLONE, template);
  await settle(url);
  try {
    return await work(url);
  } finally {
    await server.drop(CLONE);
  }
}

/** Statistics as a CRM has them, and no work left over that would fall into what is measured. */
export const settle = (url: string): Promise<unknown> =>
  withDatabase(parseAddress(url), { max: 1 }, async (db) => {
    await db.query("vacuum analyze");
    await db.query("checkpoint");
  });

/** What was written there; equal fingerprints mean equal conversations and messages. */
export const fingerprintOf = (url: string): Promise<Fingerprint | undefined> =>
  withDatabase(parseAddress(url), { max: 1, readOnly: true }, async (db) => {
    const { rows } = await db.query<Fingerprint>(readSql(FINGERPRINT));
    return rows[0];
  });
