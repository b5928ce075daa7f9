/**
 * The importers without an account: batches 6, 7 and 8 against stand-ins of Umnico, Freshchat and Wildberries that run on this
 * machine and hold made-up chats. In a database of its own that it makes anew and leaves for people to look at. Ignores
 * DATABASE_URL, .env and the services' own variables. Exits 1 where anything is not as it should be.
 */
import { runCommand } from "./lib/cli/command.ts";
import type { Chat } from "./lib/demo/chats.ts";
import { freshchatId, STORES, TALKS, tokenFor, withServices } from "./lib/demo/services.ts";
import { type Act, count, playOn, rehearseAndRun, run, type Stage, type Stats, verify } from "./lib/demo/stage.ts";
import { RunFailed } from "./lib/errors.ts";
import { isStarted } from "./lib/main.ts";
import type { AnyBatch } from "./lib/task.ts";
import addFtsIndexes from "./migrations/add-fts-indexes.ts";
import freshchatMessages from "./migrations/backfill-freshchat-messages.ts";
import umnicoConversations from "./migrations/backfill-umnico-conversations.ts";
import createSchema from "./migrations/create-schema.ts";
import wildberriesChats from "./migrations/sync-wildberries-chats.ts";

const DATABASE = "crm_importers_demo";

const COMMAND = {
  name: "npm run demo:importers",
  usage: `$0\n\nShows batches 6 to 8 on made-up chats, in the database ${DATABASE}, which it makes anew.`,
  options: {},
} as const;

/** The stand-ins answer as fast as they are asked, and have no limit. */
const UMNICO_ARGS = ["--delay", "0"];
const WILDBERRIES_ARGS = ["--delay", "0", "--batch-delay", "0", "--store-delay", "0"];

const TABLES = ["Customer", "external_refs", "bookings", "Conversation", "Message", "stores", "sync_logs"];

/** An importer, as it is called here. */
interface Importer {
  readonly batch: AnyBatch;
  readonly args: readonly string[];
  readonly chats: readonly Chat[];
}

const UMNICO: Importer = { batch: umnicoConversations, args: UMNICO_ARGS, chats: TALKS.umnico };
const FRESHCHAT: Importer = { batch: freshchatMessages, args: [], chats: TALKS.freshchat };
const WILDBERRIES: Importer = { batch: wildberriesChats, args: WILDBERRIES_ARGS, chats: TALKS.wildberries };

const ACTS: readonly Act[] = [
  ["Schema", (stage) => run(stage, createSchema)],
  ["Full-text search", (stage) => run(stage, addFtsIndexes)],
  ["A customer with a booking, conversations without their messages, two stores", fill],
  ["Umnico: a dry run, then for good", (stage) => bring(stage, UMNICO)],
  ["Umnico again", (stage) => bringAgain(stage, UMNICO)],
  ["Freshchat, which first asks to wait: a dry run, then for good", (stage) => bring(stage, FRESHCHAT)],
  ["Freshchat again", (stage) => bringAgain(stage, FRESHCHAT)],
  ["Wildberries: a dry run, then for good", (stage) => bring(stage, WILDBERRIES)],
  ["Wildberries again", (stage) => bringAgain(stage, WILDBERRIES)],
  ["Checks", verify],
  ["What is there now", (stage) => count(stage, TABLES)],
];

const demo = (): Promise<number> => withServices(() => playOn(DATABASE, "demo-importers", ACTS));

/** What a CRM holds before. */
async function fill({ db, printer }: Stage): Promise<void> {
  const [first] = TALKS.umnico;
  await db.query(
    `with customer as (insert into "Customer" (phone) values ($1) returning id)
     insert into bookings (customer_id, start_at, end_at) select id, $2, $3 from customer`,
    [first?.phone.replace(/\D/g, ""), first?.lines.at(0)?.at, first?.lines.at(-1)?.at],
  );
  await db.query(
    `insert into "Conversation" (channel, external_id, started_at)
     select 'freshchat', id, '2025-01-01' from unnest($1::text[]) id`,
    [TALKS.freshchat.map((_, i) => freshchatId(i))],
  );
  await db.query(
    "insert into stores (id, name, chat_api_token) select id, id, token from unnest($1::text[], $2::text[]) s (id, token)",
    [STORES, STORES.map(tokenFor)],
  );
  printer.line(`${TALKS.freshchat.length} conversations, ${STORES.length} stores`);
}

/** What was stored must be what the service holds. */
async function bring(stage: Stage, { batch, args, chats }: Importer): Promise<void> {
  const stored = insertedIn(await rehearseAndRun(stage, batch, ...args));
  const held = chats.reduce((sum, { lines }) => sum + lines.length, 0);
  if (stored !== held) throw new RunFailed(`The service holds ${held} messages, and ${stored} were stored.`);
}

async function bringAgain(stage: Stage, { batch, args }: Importer): Promise<void> {
  if (insertedIn(await run(stage, batch, ...args)) !== 0) throw new RunFailed("A second run made messages again.");
}

const insertedIn = ({ messagesInserted, totalMessagesInserted, messagesAdded }: Stats): number | undefined =>
  messagesInserted ?? totalMessagesInserted ?? messagesAdded;

if (isStarted(import.meta)) process.exitCode = await runCommand(COMMAND, process.argv.slice(2), demo);
