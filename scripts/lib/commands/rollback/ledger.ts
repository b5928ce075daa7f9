/** What the runs did that are to be rolled back, as the records and the rows themselves tell it. */
import { actionOf, BATCHES, type BatchEntry } from "../../batches.ts";
import type { Queryable } from "../../db/database.ts";
import { readSql } from "../../sql-file.ts";
import { readThings, type Thing } from "./deeds.ts";

const EFFECTS = readSql(new URL("ledger.sql", import.meta.url));
const METADATA_TABLES = readSql(new URL("metadata-tables.sql", import.meta.url));

/** What is to be rolled back. */
export interface Undoing {
  readonly entry: BatchEntry;
  /** The one run, where only one is to go. */
  readonly runId: string | undefined;
  /** All runs that the script takes back, and those of them that are not rolled back yet. */
  readonly runs: readonly string[];
  readonly live: readonly string[];
}

export interface Ledger {
  /** By the oid of each table that the runs wrote: how many changes of its rows the records know. */
  readonly updates: ReadonlyMap<string, number>;
  /** The runs moved whole tables, or made some: the records don't count each row. */
  readonly moved: boolean;
  /** Rows that a move brought, by table. */
  readonly brought: ReadonlyMap<string, number>;
  readonly audits: number;
  readonly things: readonly Thing[];
}

interface Effects {
  readonly oid: string | null;
  readonly name: string | null;
  readonly rows: number;
  readonly updates: number;
  readonly moved: boolean;
}

/** Reads it, right before the script; the rows that the runs made are noted in the temporary table crm_rollback_row. */
export async function openLedger(tx: Queryable, undoing: Undoing): Promise<Ledger> {
  await tx.query("create temp table crm_rollback_row (target oid, row_id text, recorded boolean) on commit drop");
  const effects = undoing.entry.kind === "data" ? await noteRows(tx, undoing) : [];
  const { rows } = await tx.query<{ oid: string }>("select distinct target::text as oid from crm_rollback_row");
  const updates = new Map(rows.map(({ oid }) => [oid, 0]));
  for (const { oid, updates: count } of effects) if (oid !== null) updates.set(oid, count);
  await tx.query("analyze crm_rollback_row");
  return {
    updates,
    moved: effects.some(({ moved }) => moved),
    brought: new Map(effects.map(({ name, rows: count }) => [name ?? "", count])),
    audits: await countAudits(tx, undoing),
    things: await readThings(tx),
  };
}

async function noteRows(tx: Queryable, { entry, runs }: Undoing): Promise<Effects[]> {
  const { rows: tables } = await tx.query<{ oid: string; name: string }>(METADATA_TABLES);
  for (const { oid, name } of tables)
    await tx.query(
      `insert into crm_rollback_row
       select $1::oid, id::text, false
         from ${name}
        where metadata ->> 'createdBy' = $2
          and metadata ->> 'runId' = any ($3)`,
      [oid, `${entry.name}.ts`, runs],
    );
  return (await tx.query<Effects>(EFFECTS, [runs])).rows;
}

/** How many Audit rows the runs added. A schema is undone whole; with batch 1 go the records of every batch. */
async function countAudits(tx: Queryable, { entry, runs }: Undoing): Promise<number> {
  const { rows: tables } = await tx.query(`select 1 where to_regclass('"Audit"') is not null`);
  if (tables.length === 0) return 0;
  const names = entry.number === 1 ? BATCHES.map(({ name }) => name) : [entry.name];
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count
       from "Audit"
      where lead_id is null
        and actor = 'system'
        and action = any ($1)
        and (payload ->> 'runId' = any ($2) or $3 and payload ? 'runId')`,
    [names.map(actionOf), runs, entry.kind === "schema"],
  );
  return rows[0]?.count ?? 0;
}
