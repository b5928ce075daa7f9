/** Joins the source with the account it asks and the database that it looks things up in. */
import type { Database } from "../../lib/db/database.ts";
import { RunFailed } from "../../lib/errors.ts";
import { type Api, openApi } from "../../lib/http/api.ts";
import { AccountRefused } from "../../lib/http/errors.ts";
import { Refusals } from "../../lib/http/refusals.ts";
import { knownMessages, storedThread } from "../../lib/sinks/known.ts";
import type { SinkRules } from "../../lib/sinks/threads.ts";
import { threadOf } from "../../lib/sources/freshchat/conversation.ts";
import type { Memory } from "../../lib/sources/freshchat/memory.ts";
import { Pace } from "../../lib/sources/freshchat/pace.ts";
import type { Walked } from "../../lib/sources/freshchat/source.ts";
import { isWhole, type Window } from "../../lib/sources/freshchat/window.ts";
import type { Context, ItemError } from "../../lib/task.ts";
import { idsOfFile } from "./conversations-file.ts";
import type { Own } from "./options.ts";
import { settingsOf } from "./settings.ts";

export const RULES: SinkRules = { source: "freshchat_backfill", script: "backfill-freshchat-messages", adopt: true };

/** Opens the account that options and environment name. */
export function openSource({ db, options, signal, say, waits }: Context<Own>): Walked {
  const settings = settingsOf(options, process.env);
  const api = withAdvice(
    openApi({
      name: "Freshchat",
      baseUrl: settings.baseUrl,
      ...(settings.token === undefined ? {} : { headers: { authorization: `Bearer ${settings.token}` } }),
      options,
      signal,
      waits,
    }),
  );
  return {
    api,
    db,
    say,
    window: settings.window,
    pace: new Pace(settings.delays, signal, waits),
    refusals: new Refusals(),
    memory: memoryOf(db, settings.window),
    wanted: wantedOf(options),
    quarantined: (key) => reasonFor(db, key),
  };
}

/** Whoever is not let in is told what to look at. */
function withAdvice(api: Api): Api {
  const advise = (error: unknown): never => {
    if (!(error instanceof AccountRefused)) throw error;
    throw new RunFailed(`${error.message} Is FRESHCHAT_TOKEN the token of this account?`, { cause: error });
  };
  return {
    ...api,
    get: (path, schema, query) => api.get(path, schema, query).catch(advise),
    follow: (href, schema) => api.follow(href, schema).catch(advise),
  };
}

const wantedOf = ({ conversation, conversationsFile }: Own): Walked["wanted"] => ({
  file: idsOfFile(conversationsFile),
  only: conversation === undefined ? undefined : new Set(conversation),
});

const memoryOf = (db: Database, window: Window): Memory => ({
  stored: async (id) => {
    const thread = await storedThread(db, RULES, threadOf(id));
    if (thread === undefined) return undefined;
    return { row: thread.id, whole: isWhole(thread, window) && (await isOurs(db, thread.id)) };
  },
  known: (row, ids) => knownMessages(db, row, ids),
});

/** A conversation that nobody of ours has walked carries no mark either: that doesn't make it whole. */
async function isOurs(db: Database, row: string): Promise<boolean> {
  const { rows } = await db.query<{ ours: boolean }>(
    `select exists (select from "Conversation" where id = $1 and metadata ->> 'source' = $2)
         or exists (select from "Message" where conversation_id = $1 and metadata ->> 'source' = $2) as ours`,
    [row, RULES.source],
  );
  return rows[0]?.ours === true;
}

/** Why something stands in quarantine; undefined where it doesn't. */
async function reasonFor(db: Database, key: string): Promise<ItemError | undefined> {
  const { rows } = await db.query<ItemError & Record<string, unknown>>(
    "select item_key as key, code, message from migration_errors where script = $1 and item_key = $2 and resolved_at is null",
    [RULES.script, key],
  );
  return rows[0];
}
