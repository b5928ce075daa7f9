/** Whether a rollback did what it should and nothing else, seen from within its transaction. */
import { actionOf } from "../../batches.ts";
import type { Queryable } from "../../db/database.ts";
import { hasJournal } from "../../journal/runs.ts";
import { formatCount } from "../../report/format.ts";
import { readSql } from "../../sql-file.ts";
import type { Deeds, Thing, Touched } from "./deeds.ts";
import type { Ledger, Undoing } from "./ledger.ts";
import { type RowsLeft, readRowsLeft } from "./rows-left.ts";

const LEFT = readSql(new URL("left.sql", import.meta.url));

/** Parts of a table that only a schema batch drops, and what stands alone. */
const OF_A_SCHEMA = ["table", "view", "column", "index", "constraint", "type"];

/** So many keys are named. */
const NAMED = 3;

/** What is left of the runs, and what else was changed: a line for each; none where all is well. */
export async function findMisses(tx: Queryable, undoing: Undoing, ledger: Ledger, deeds: Deeds): Promise<string[]> {
  const rows = await readRowsLeft(tx, undoing.runs, deeds.kept);
  return [
    ...rows.filter(({ left }) => left.length > 0).map(({ name, left }) => `left in ${name}: ${keysOf(left)}`),
    ...(await findRecords(tx, undoing, deeds)),
    ...deeds.touched.flatMap((table) => strangeness(table, undoing, ledger, rows)),
    ...strangeThings(undoing, ledger, deeds).map(({ kind, name }) => `the ${kind} ${name}, which is not the batch's`),
  ];
}

async function findRecords(tx: Queryable, { entry, runs }: Undoing, { kept }: Deeds): Promise<string[]> {
  if (entry.kind === "schema" || !(await hasJournal(tx))) return [];
  const values = [runs, entry.name, actionOf(entry.name), JSON.stringify(kept)];
  const { rows } = await tx.query<{ what: string; key: string }>(LEFT, values);
  const kinds = [...new Set(rows.map(({ what }) => what))];
  return kinds.map(
    (kind) => `left: ${kind}: ${keysOf(rows.filter(({ what }) => what === kind).map(({ key }) => key))}`,
  );
}

/** A table that the runs never wrote, or more of its rows than they made or changed. */
function strangeness(table: Touched, { entry }: Undoing, ledger: Ledger, rows: readonly RowsLeft[]): string[] {
  const { oid, name, removed, restored, putBack, isRecord } = table;
  if (isRecord) {
    const audits = name === "Audit" && (removed > ledger.audits || restored + putBack > 0);
    return audits
      ? [`${name}: ${formatCount(removed)} rows go, of which ${formatCount(ledger.audits)} are the runs'`]
      : [];
  }
  if (ledger.moved && ledger.brought.has(name)) return [];
  const updates = ledger.updates.get(oid);
  if (updates === undefined || entry.kind === "schema")
    return [`rows of ${name}, which the runs never wrote: ${formatCount(removed + restored + putBack)}`];
  if (ledger.moved) return [];
  const gone = rows.find((one) => one.oid === oid)?.gone ?? 0;
  return [
    ...(removed > gone ? [`${name}: ${formatCount(removed)} rows go, the runs made ${formatCount(gone)} of them`] : []),
    ...(restored > updates
      ? [`${name}: ${formatCount(restored)} rows change, the runs changed ${formatCount(updates)}`]
      : []),
    ...(putBack > 0 ? [`${name}: ${formatCount(putBack)} rows are added`] : []),
  ];
}

/** A schema batch drops what carries its comment; indexes of later batches go with it. A move drops what it made. */
function strangeThings({ entry }: Undoing, { moved }: Ledger, { dropped, made }: Deeds): Thing[] {
  if (moved) return [];
  if (entry.kind === "schema") return [...dropped.filter(({ kind, ours }) => !ours && kind !== "index"), ...made];
  return [...dropped, ...made].filter(({ kind }) => OF_A_SCHEMA.includes(kind));
}

const keysOf = (keys: readonly string[]): string =>
  keys.slice(0, NAMED).join(", ") + (keys.length > NAMED ? ", and more" : "");
