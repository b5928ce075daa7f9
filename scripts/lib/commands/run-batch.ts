/** Runs a batch for a command, as its own command line would. */
import type { BatchEntry } from "../batches.ts";
import { camelCase } from "../cli/flag.ts";
import type { Queryable } from "../db/database.ts";
import { runArguments } from "../main.ts";
import type { Conclusion } from "../outcome.ts";
import type { Desk } from "./desk.ts";

/** Values of a batch's own options, by their names. */
export type OwnOptions = Readonly<Record<string, unknown>>;

/** Runs the batch on the desk's database; `own` replaces what its command line says of its own options. Throws where nothing was begun. */
export async function runFor(
  { address, loadBatch, printer, signal, verbose }: Desk,
  entry: BatchEntry,
  argv: readonly string[],
  own: OwnOptions = {},
): Promise<Conclusion> {
  const batch = await loadBatch(entry);
  return runArguments(address, batch, verbose ? [...argv, "--verbose"] : argv, { printer, signal, own });
}

/** The batch's own options that a run was started with: a checkpoint, and an item in quarantine, belong to them. */
export async function ownOptionsOf(
  db: Queryable,
  { loadBatch }: Desk,
  entry: BatchEntry,
  runId: number | undefined,
): Promise<OwnOptions> {
  if (runId === undefined) return {};
  const { rows } = await db.query<{ options: OwnOptions }>("select options from migration_runs where id = $1", [runId]);
  const names = Object.keys((await loadBatch(entry)).options ?? {}).flatMap((name) => [name, camelCase(name)]);
  return Object.fromEntries(Object.entries(rows[0]?.options ?? {}).filter(([name]) => names.includes(name)));
}
