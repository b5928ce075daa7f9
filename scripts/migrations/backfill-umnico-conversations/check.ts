/** What must hold before anything is asked for: the options fit together and to what is stored, and the service is there. */
import { messageOf, RunFailed, UserError } from "../../lib/errors.ts";
import { refuseBeforeTime } from "../../lib/journal/pause.ts";
import { HEALTH } from "../../lib/sources/umnico/wire.ts";
import type { Context } from "../../lib/task.ts";
import { type Account, accountOf } from "./account.ts";
import { type Own, zoneOf } from "./options.ts";
import { NAME, SOURCE } from "./rules.ts";
import { voiceOf } from "./words.ts";

export async function check(context: Context<Own>): Promise<void> {
  const { options, db, say } = context;
  if (options.allHistory && options.recent)
    throw new UserError(
      "--all-history and --recent exclude each other: the one asks for everything, the other does not.",
    );
  await refuseBeforeTime(db, NAME);
  await refuseOtherZone(context);
  const { initialized, browserConnected } = await askHealth(accountOf(context));
  if (initialized === false || browserConnected === false) say(`  ${voiceOf(options.lang).notReady()}`);
}

/** A message's key holds its minute: in another time zone every message would be another one. */
async function refuseOtherZone({ db, options }: Context<Own>): Promise<void> {
  const { rows } = await db.query<{ zone: string }>(
    `select metadata ->> 'timezone' as zone
       from "Conversation"
      where metadata ->> 'source' = $1 and metadata ->> 'timezone' <> $2
      limit 1`,
    [SOURCE, zoneOf(options)],
  );
  const [other] = rows;
  if (other === undefined) return;
  throw new UserError(
    `Dialogs are stored with --timezone ${other.zone}: with ${zoneOf(options)} their messages would be stored a second time. ` +
      "Use the same, or take them back with rollback.sql first.",
  );
}

async function askHealth({ health, url }: Account) {
  try {
    return await health.get("/health", HEALTH);
  } catch (error) {
    if (!(error instanceof RunFailed)) throw error;
    throw new UserError(
      `Umnico's service at ${url} is not ready: ${messageOf(error)} Start it, or name it in PLAYWRIGHT_UMNICO_URL; ` +
        "by itself it listens on port 3003.",
      { cause: error },
    );
  }
}
