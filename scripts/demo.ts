/**
 * Everything in order on a made-up CRM: batches 1 to 5 and 9, dry runs, checks and a search, in a database of its own that it
 * makes anew and leaves for people to look at. Ignores DATABASE_URL and .env. Exits 1 where anything is not as it should be.
 */
import { runCommand } from "./lib/cli/command.ts";
import { makeCrm } from "./lib/demo/crm.ts";
import { find, queryOf, SEARCHES } from "./lib/demo/search.ts";
import { type Act, count, playOn, rehearseAndRun, run, type Stage, verify } from "./lib/demo/stage.ts";
import { storeCrm } from "./lib/demo/store-crm.ts";
import { RunFailed } from "./lib/errors.ts";
import { isStarted } from "./lib/main.ts";
import { excerpt, formatCount } from "./lib/report/format.ts";
import addFtsIndexes from "./migrations/add-fts-indexes.ts";
import backfillConversations from "./migrations/backfill-conversations-messages.ts";
import backfillCustomers from "./migrations/backfill-customers.ts";
import backfillMemoryNotes from "./migrations/backfill-memory-notes.ts";
import classifyChats from "./migrations/classify-chats.ts";
import createSchema from "./migrations/create-schema.ts";

const DATABASE = "crm_demo";

const COMMAND = {
  name: "npm run demo",
  usage: `$0\n\nShows batches 1 to 5 and 9 on a made-up CRM, in the database ${DATABASE}, which it makes anew.`,
  options: {},
} as const;

const TABLES = ["Lead", "Job", "Audit", "Customer", "Conversation", "Message", "MemoryNote", "migration_runs"];

const ACTS: readonly Act[] = [
  ["Schema", (stage) => run(stage, createSchema)],
  ["Full-text search", (stage) => run(stage, addFtsIndexes)],
  ["A made-up CRM", fillCrm],
  ["Customers", (stage) => run(stage, backfillCustomers)],
  ["Conversations and messages: dry run, then for good", (stage) => rehearseAndRun(stage, backfillConversations)],
  ["The same command again", runAgain],
  ["Memory notes: dry run, then for good", noteAll],
  ["A tag for every conversation, by rules", tagAll],
  ["Checks", verify],
  ["Search", search],
  ["What is there now", (stage) => count(stage, TABLES)],
];

async function fillCrm({ db, printer }: Stage): Promise<void> {
  const crm = makeCrm();
  await storeCrm(db, crm);
  const { leads, jobs, audits } = crm;
  printer.line(`${leads.length} leads, ${jobs.length} jobs, ${formatCount(audits.length)} audits`);
}

async function runAgain(stage: Stage): Promise<void> {
  const { conversationsCreated, messagesCreated } = await run(stage, backfillConversations);
  if (conversationsCreated !== 0 || messagesCreated !== 0) throw new RunFailed("A second run made rows again.");
}

async function noteAll(stage: Stage): Promise<void> {
  await rehearseAndRun(stage, backfillMemoryNotes);
  const { rows } = await stage.db.query<{ content: string }>(
    `select distinct content
       from "MemoryNote"
      where content like any (array['notes: %', 'pets: %', 'VIP %', 'preferred time: %'])
   order by content`,
  );
  for (const { content } of rows) stage.printer.line(`  > ${excerpt(content, 80)}`);
}

async function tagAll(stage: Stage): Promise<void> {
  await rehearseAndRun(stage, classifyChats);
  const { rows } = await stage.db.query<{ tag: string; count: string }>(
    'select tag, count(*) from "Conversation" group by tag order by 2 desc, 1',
  );
  for (const { tag, count: found } of rows) stage.printer.line(`  ${tag.padEnd(16)} ${found.padStart(5)}`);
}

async function search({ db, printer }: Stage): Promise<void> {
  await db.query('vacuum analyze "Message"');
  for (const one of SEARCHES) {
    const { count: hits, samples, usesIndex } = await find(db, one);
    printer.line(queryOf(one));
    printer.line(`  ${hits} messages, ${usesIndex ? `found with the index ${one.index}` : "found without an index"}`);
    for (const sample of samples) printer.line(`  > ${excerpt(sample, 80)}`);
    if (hits === 0 || !usesIndex) throw new RunFailed(`The search for "${one.words}" did not work as it should.`);
  }
}

const demo = (): Promise<number> => playOn(DATABASE, "demo", ACTS);

if (isStarted(import.meta)) process.exitCode = await runCommand(COMMAND, process.argv.slice(2), demo);
