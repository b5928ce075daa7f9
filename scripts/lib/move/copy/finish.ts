/**
 * What waited for the rows is made: indexes side by side, then what needs its tables for itself. What the rows don't allow, such as
 * a foreign key with orphans, is told and stays noted: the next copy tries it again.
 */
import type { Queryable } from "../../db/database.ts";
import { describeError, isRowsFault, isTimeout, isTransient, sqlStateOf } from "../../db/pg-errors.ts";
import { withSavepoint } from "../../db/transaction.ts";
import { RunFailed } from "../../errors.ts";
import type { Ended, ItemError, PageResult, Span } from "../../task.ts";
import { withSearchPath } from "../catalog.ts";
import type { Constraint } from "../catalog-types.ts";
import { type Later, listLater, makingsIn, settleLater, takeLater } from "../later.ts";
import { countOrphans } from "../verify/orphans.ts";
import { beginOf, type LaterPage, type Place, place } from "./place.ts";
import type { Move } from "./tables.ts";

/** A part is a row of the checkpoint. What is behind them stays together, and is shared again. */
const MOST_PARTS = 100;

/**
 * Memory for each worker that builds an index; a server that has set more aside keeps to that. And autovacuum, which looks at a table
 * that has just been filled, is sent away as soon as it is in the way: after the deadlock timeout, which only a superuser may set.
 */
const BUILD_FAST = `
  select set_config('maintenance_work_mem', '256MB', true)
   where pg_size_bytes(current_setting('maintenance_work_mem')) < pg_size_bytes('256MB')
   union all
  select set_config('deadlock_timeout', '20ms', true) from pg_roles where rolname = current_user and rolsuper`;

/** Of a comment: what it is about could not be made. */
const UNDEFINED_OBJECT = "42704";

/** An index needs its table's rows to stand still, as another index does; all else wants the table for itself. */
const isOfPhase = (phase: Place["phase"], { kind }: Later): boolean => (kind === "index") === (phase === "indexes");

/** What waits within a span, in order: its notes' numbers are the keys. */
async function notesOf(db: Queryable, move: Move, span: Span): Promise<Later[]> {
  const { phase, key } = beginOf(span);
  const until = (span.until as Place | null)?.key ?? null;
  const targets = move.levels.flat().map(({ target }) => target);
  const lies = ({ id }: Later) =>
    (key === null || BigInt(id) > numberIn(key)) && (until === null || BigInt(id) <= numberIn(until));
  return (await listLater(db, targets)).filter((later) => isOfPhase(phase, later) && lies(later));
}

const numberIn = (key: string): bigint => BigInt((JSON.parse(key) as string[])[0] ?? 0);

const placeOf = (span: Span, { id }: Later): Place => {
  const { phase, level } = beginOf(span);
  return place(phase, level, null, [id]);
};

/** A page for each. A dry run makes nothing. */
export async function* laterPages(
  move: Move,
  db: Queryable & { readonly readOnly: boolean },
  span: Span,
): AsyncGenerator<LaterPage, Ended> {
  if (db.readOnly) return "end";
  const makings = makingsIn(move.catalog);
  for (const later of await notesOf(db, move, span)) {
    const key = nameOf(later);
    yield { kind: "later", later, sql: makings.get(key), cursor: placeOf(span, later), size: 1, key };
  }
  return "end";
}

/** Places between indexes: each is a part for itself, so that whoever is done with a short one takes the next. */
export async function divideLater(move: Move, db: Queryable, span: Span): Promise<Place[]> {
  if (beginOf(span).phase !== "indexes") return [];
  const notes = await notesOf(db, move, span);
  return notes.slice(0, Math.min(notes.length - 1, MOST_PARTS)).map((one) => placeOf(span, one));
}

/** Makes it, as part of the transaction that takes its note away. */
export async function makeLater(tx: Queryable, { catalog }: Move, { later, sql }: LaterPage): Promise<PageResult> {
  if (!(await takeLater(tx, later))) return { fetched: 0 };
  await tx.query("set local statement_timeout = 0"); // it takes as long as the table is large
  await tx.query(BUILD_FAST);
  const startedAt = performance.now();
  const needed = await isNeeded(tx, later);
  if (needed && sql === undefined && !catalog.complete) return { fetched: 0, problems: [unknown(later)] };
  const refusal = needed && sql !== undefined ? await tryTo(tx, later, sql) : undefined;
  if (refusal !== undefined) return { fetched: 0, problems: [await problemOf(tx, later, refusal)] };
  await settleLater(tx, later);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  return { fetched: 0, lines: later.kind === "comment" ? [] : [`made ${nameOf(later)} in ${seconds} s`] };
}

const nameOf = ({ kind, name }: Later): string => `${kind} ${name}`;

const unknown = (later: Later): ItemError => ({
  key: nameOf(later),
  code: "waits",
  message: "It was left for later, and this source does not show how it is made: copy from SOURCE_DATABASE_URL again.",
});

/** Somebody may have made it meanwhile, or dropped its table. */
async function isNeeded(tx: Queryable, { target, kind, name, table }: Later): Promise<boolean> {
  const { rows } = await tx.query<{ needed: boolean }>(
    `select case $2 when 'index'       then not exists (select from pg_class i join pg_index x on x.indexrelid = i.oid
                                                         where x.indrelid = t.oid and i.relname = $3)
                    when 'foreign key' then not exists (select from pg_constraint where conrelid = t.oid and conname = $3)
                    when 'trigger'     then not exists (select from pg_trigger where tgrelid = t.oid and tgname = $3)
                    else true
            end as needed
       from (select to_regclass($1) as oid) t
      where t.oid is not null`,
    [target, kind, name.slice(table.length + 1)],
  );
  return rows[0]?.needed === true;
}

/** Returns what the rows have against it. Throws what is not their fault. */
async function tryTo(tx: Queryable, later: Later, sql: string): Promise<unknown> {
  let refusal: unknown;
  const forgive = (error: unknown) => {
    refusal = error;
    return isRowsFault(error) || (later.kind === "comment" && sqlStateOf(error) === UNDEFINED_OBJECT);
  };
  try {
    await withSavepoint(tx, forgive, () => withSearchPath(tx, later.schema, () => tx.query(sql)));
    return refusal;
  } catch (error) {
    if (isTransient(error) || isTimeout(error)) throw error;
    throw new RunFailed(`The ${nameOf(later)} could not be made: ${describeError(error)}`, { cause: error });
  }
}

async function problemOf(tx: Queryable, later: Later, refusal: unknown): Promise<ItemError> {
  const why = describeError(refusal);
  const orphans = later.key === undefined ? "" : await orphansOf(tx, later, later.key);
  const code = (refusal as { code?: string }).code ?? "";
  return { key: nameOf(later), code, message: `It could not be made: ${why}${orphans}` };
}

async function orphansOf(tx: Queryable, { table }: Later, key: Constraint): Promise<string> {
  if (key.references === undefined) return "";
  const { references: parent, columns } = key;
  const { count, keys } = await countOrphans(tx, { schema: parent.schema, table, columns, parent });
  return count === 0 ? "" : `; ${count} rows refer to what is not there: ${keys.join("; ")}`;
}
