/** Which conversations are asked for: those of our table, oldest first, then those of a file that the table hasn't. */
import type { Queryable } from "../../db/database.ts";
import { FIRST_UUID } from "../../db/uuids.ts";
import type { Cursor } from "../../page.ts";

const ROWS_AT_A_TIME = 1_000;

/** Where a conversation stands: in the table, by the time at which it began and its row, or in the file, by its line. */
export type Place = {
  readonly startedAt: string | null;
  readonly row: string | null;
  readonly line: number | null;
};

export interface Listed {
  /** Its id at the service. */
  readonly id: string;
  readonly place: Place;
}

export interface Wanted {
  /** Ids of the file, each once, in its order. */
  readonly file: readonly string[];
  /** Only these are meant. */
  readonly only?: ReadonlySet<string> | undefined;
}

/** The place that a cursor names; undefined at the beginning. */
export function placeIn(cursor: Cursor | null): Place | undefined {
  const { startedAt, row, line } = (cursor ?? {}) as Partial<Place>;
  if ((row ?? null) === null && (line ?? null) === null) return undefined;
  return { startedAt: startedAt ?? null, row: row ?? null, line: line ?? null };
}

/** The conversations behind a place, each once. */
export async function* conversationsAfter(
  db: Queryable,
  place: Place | undefined,
  { file, only }: Wanted,
): AsyncGenerator<Listed> {
  const line = place?.line ?? null;
  if (line === null) yield* storedAfter(db, place, only);
  yield* newAfter(db, line ?? -1, { file, only });
}

/** Of rows with one id the oldest counts. A page of the list is not a snapshot: rows that move to the past are done already. */
async function* storedAfter(
  db: Queryable,
  place: Place | undefined,
  only: ReadonlySet<string> | undefined,
): AsyncGenerator<Listed> {
  let { startedAt, row } = place ?? {};
  for (;;) {
    const { rows } = await db.query<{ id: string; startedAt: string; row: string }>(
      `select external_id as id, started_at::text as "startedAt", c.id as row
         from "Conversation" c
        where channel = 'freshchat'
          and external_id <> ''
          and (started_at, c.id) > ($1::timestamptz, $2::uuid)
          and ($3::text[] is null or external_id = any ($3))
          and not exists (select
                            from "Conversation" older
                           where older.channel = 'freshchat'
                             and older.external_id = c.external_id
                             and (older.started_at, older.id) < (c.started_at, c.id))
        order by started_at, c.id
        limit $4`,
      [startedAt ?? "-infinity", row ?? FIRST_UUID, only === undefined ? null : [...only], ROWS_AT_A_TIME],
    );
    for (const { id, ...key } of rows) yield { id, place: { ...key, line: null } };
    const last = rows.at(-1);
    if (last === undefined) return;
    ({ startedAt, row } = last);
  }
}

/** The lines of the file whose ids are not in the table. */
async function* newAfter(db: Queryable, line: number, { file, only }: Wanted): AsyncGenerator<Listed> {
  for (let from = line + 1; from < file.length; from += ROWS_AT_A_TIME) {
    const ids = file.slice(from, from + ROWS_AT_A_TIME);
    const stored = await idsInTable(db, ids);
    for (const [index, id] of ids.entries())
      if (!stored.has(id) && only?.has(id) !== false)
        yield { id, place: { startedAt: null, row: null, line: from + index } };
  }
}

/** Those of the ids that a conversation of ours has. */
export async function idsInTable(db: Queryable, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(
    `select distinct external_id as id from "Conversation" where channel = 'freshchat' and external_id = any ($1)`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/** How many conversations of the table are meant. */
export async function countStored(db: Queryable, only: ReadonlySet<string> | undefined): Promise<number> {
  const { rows } = await db.query<{ count: string }>(
    `select count(distinct external_id)
       from "Conversation"
      where channel = 'freshchat' and external_id <> '' and ($1::text[] is null or external_id = any ($1))`,
    [only === undefined ? null : [...only]],
  );
  return Number(rows[0]?.count);
}
