/** The indexes of batch 2, and the messages that can't be in them. */
import type { Database } from "../db/database.ts";
import { describeError, sqlStateOf } from "../db/pg-errors.ts";
import { RunFailed } from "../errors.ts";
import type { Context, Schema } from "../task.ts";
import { folderSchema } from "./folder-schema.ts";
import { foldersOf } from "./folders.ts";
import { isApplied, readHistory } from "./history.ts";
import { indexStatements, pendingIndexes } from "./indexes.ts";
import { buildMarkedIndexes } from "./marked-indexes.ts";

const NAME = "add-fts-indexes";
const plain = folderSchema(NAME);

/** Any shorter text fits: the limit is 1 MB of words with their places, and of a web address parts are kept besides the whole. */
const LARGE_BYTES = 250_000;
const LANGUAGES = ["english", "russian"] as const;
const TOO_LARGE = "54000"; // program_limit_exceeded

/** Batch 2's schema: as the folder says, built without blocking writers, and marked as made by us. */
export const searchSchema: Schema<unknown> = {
  async plan(context) {
    const { counts, folder, pending, applied } = await look(context);
    if (applied)
      for (const { name } of pending) context.say(`Would build index ${name} anew: it is missing or invalid.`);
    else await plain.plan(context);
    if (folder !== undefined && pending.length > 0) await refuseTooLarge(context);
    return counts;
  },

  async apply(context) {
    const { counts, folder, pending, applied } = await look(context);
    if (folder === undefined) return counts;
    if (pending.length > 0) await refuseTooLarge(context);
    await buildMarkedIndexes(context, pending, { mark: `crm-migrations: made by ${folder.name}`, applied });
    await plain.apply(context);
    return counts;
  },
};

/** An index that was lost since the folder was applied is built anew, and the folder counts as updated. */
async function look({ db }: Context) {
  const [[folder], history] = [await foldersOf(NAME), await readHistory(db)];
  const pending = folder === undefined ? [] : await pendingIndexes(db, indexStatements(folder.sql));
  const applied = folder !== undefined && isApplied(history, folder);
  const updated = applied && pending.length > 0 ? 1 : 0;
  const created = applied ? 0 : 1;
  const counters = { indexesBuilt: pending.length };
  return {
    folder,
    pending,
    applied,
    counts: { fetched: 1, created, updated, unchanged: 1 - created - updated, counters },
  };
}

/** Looks for messages whose words are too many for an index, before one of them stops its build. */
async function refuseTooLarge({ db, signal }: Context): Promise<void> {
  const { rows: tables } = await db.query(`select 1 where to_regclass('"Message"') is not null`);
  if (tables.length === 0) return; // batch 1 is still to come
  const { rows } = await db.query<{ id: string }>(
    `select id from "Message" where octet_length(content) > ${LARGE_BYTES} order by id`,
  );
  const tooLarge: string[] = [];
  for (const { id } of rows) {
    signal.throwIfAborted();
    if (!(await canIndex(db, id))) tooLarge.push(id);
  }
  if (tooLarge.length === 0) return;
  const ids = tooLarge.map((id) => `'${id}'`).join(", ");
  throw new RunFailed(
    `Too many words for a search index in ${tooLarge.length === 1 ? "the message" : `${tooLarge.length} messages`}: ${ids}. ` +
      `Shorten the content, for instance: update "Message" set content = left(content, 200000) where id in (${ids}).`,
  );
}

async function canIndex(db: Database, id: string): Promise<boolean> {
  try {
    for (const language of LANGUAGES)
      await db.query(`select length(to_tsvector('${language}', content)) from "Message" where id = $1`, [id]);
    return true;
  } catch (error) {
    if (sqlStateOf(error) === TOO_LARGE) return false;
    throw new RunFailed(`Message ${id} can't be read: ${describeError(error)}`, { cause: error });
  }
}
