/** The indexes of batch 2, and the messages that can't be in them. */
import type { Database } from "../db/database.ts";
import { describeError, sqlStateOf } from "../db/pg-errors.ts";
import { RunFailed } from "../errors.ts";
import type { Context, Schema } from "../task.ts";
import { buildMarkedIndexes } from "./baseline-indexes.ts";
import { folderSchema } from "./folder-schema.ts";
import { foldersOf } from "./folders.ts";
import { isApplied, readHistory } from "./history.ts";
import { indexStatements } from "./indexes.ts";

const NAME = "add-fts-indexes";
const plain = folderSchema(NAME);

/** `to_tsvector` takes any shorter text: its limit is 1 MB of distinct words with their positions. */
const LARGE_BYTES = 500_000;
const LANGUAGES = ["english", "russian"] as const;
const TOO_LARGE = "54000"; // program_limit_exceeded

/** Batch 2's schema: as the folder says, built without blocking writers, and marked as made by us. */
export const searchSchema: Schema<unknown> = {
  async plan(context) {
    await refuseTooLarge(context);
    return plain.plan(context);
  },

  async apply(context) {
    const [folders, history] = [await foldersOf(NAME), await readHistory(context.db)];
    const pending = folders.filter((folder) => !isApplied(history, folder));
    if (pending.length > 0) await refuseTooLarge(context);
    for (const { name, sql } of pending)
      await buildMarkedIndexes(context, indexStatements(sql), `crm-migrations: made by ${name}`);
    return plain.apply(context);
  },
};

/** Looks for messages whose words are too many for an index, before one of them stops its build. */
async function refuseTooLarge({ db, signal }: Context): Promise<void> {
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
