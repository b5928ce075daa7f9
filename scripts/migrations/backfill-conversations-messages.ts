/**
 * Batch 4: conversations and messages out of the CRM's audit log, inside the database: no audit travels to Node.
 * An item is one audit; a page is a range of (lead_id, created_at, id). Safe to repeat: an audit makes at most one message
 * (a unique index sees to it), and the ids of conversations and messages follow from the lead and the audit.
 */
import { listOf, uuid, wholeNumber } from "../lib/cli/values.ts";
import { UserError } from "../lib/errors.ts";
import { main } from "../lib/main.ts";
import { refuseSharedAudits } from "../lib/shared-audits.ts";
import {
  type AuditKey,
  type AuditRange,
  countAudits,
  cutRange,
  endOf,
  halveRange,
  lastLeadWithin,
  rangesOfAudits,
  startOf,
} from "../lib/sources/audit-log.ts";
import { type Context, type Cursor, defineBatch, type Ended, type PageContext } from "../lib/task.ts";
import { applyRange, planRange } from "./backfill-conversations-messages/page.ts";

const ACTORS = ["customer", "agent", "user", "assistant", "system", "tool"];
const DEFAULT_ACTORS = ACTORS.filter((actor) => actor !== "tool");

const PAGE_AUDITS = 10_000; // one transaction stays near half a second on the reference data
const DRY_PAGE_AUDITS = 50_000; // before the first run there is no index yet: each page of a dry run reads all messages
const MAX_PAGE_AUDITS = 100_000;

interface Own {
  readonly lead?: string;
  readonly actors?: readonly string[];
  readonly chunkSize?: number;
}

const batch = defineBatch({
  number: 4,
  name: "backfill-conversations-messages",
  title: "Make conversations and messages out of the audit log",
  unit: "audits",
  requires: [1],
  advises: [2, 3],
  options: {
    lead: { ...uuid("--lead"), describe: "only this lead" },
    actors: { ...listOf("--actors", ACTORS), describe: `whose audits count (default ${DEFAULT_ACTORS.join(",")})` },
    "chunk-size": {
      ...wholeNumber("--chunk-size", { min: 1, max: MAX_PAGE_AUDITS }),
      describe: `audits in one transaction (default ${PAGE_AUDITS})`,
    },
  },
  check: async (context) => {
    await refuseUnknownLead(context);
    await refuseSharedAudits(context.db);
  },
  selection: ({ lead, actors }: Own) => ({
    ...(lead === undefined ? {} : { lead }),
    actors: (actors ?? DEFAULT_ACTORS).join(","),
  }),
  steps: [
    "Fetching audit records",
    "Creating conversations for leads",
    "Creating messages from audit logs",
    "Recording audit log",
  ],
  skips: ["noText", "alreadyMigrated", "leadNotFound"],
  labels: {
    conversationsCreated: "Conversations created",
    conversationsSkipped: "Conversations skipped",
    conversationsUpdated: "Conversations updated",
    messagesCreated: "Messages created",
    messagesSkipped: "Messages skipped",
    auditsProcessed: "Audits processed",
    auditsSkipped: "Audits skipped",
  },
  stats: ({ fetched, created, skipped, counters }) => ({
    conversationsCreated: counters.conversationsCreated ?? 0,
    conversationsSkipped: counters.conversationsSkipped ?? 0,
    ...(counters.conversationsUpdated ? { conversationsUpdated: counters.conversationsUpdated } : {}),
    messagesCreated: created,
    messagesSkipped: (skipped.noText ?? 0) + (skipped.alreadyMigrated ?? 0),
    auditsProcessed: fetched - (skipped.leadNotFound ?? 0),
    auditsSkipped: skipped.leadNotFound ?? 0,
  }),
  count: ({ db, options }, after) => countAudits(db, boundsOf(options, after), actorsOf(options)),
  pages: auditRanges,
  pagesOf: oneAuditEach,
  split: ({ db, options }, range) => halveRange(db, range, actorsOf(options)),
  plan: (tx, range, context) => planRange(tx, range, { ...context, actors: countingIn(context) }),
  apply: (tx, range, context) => applyRange(tx, range, { ...context, actors: countingIn(context) }),
  hint: listOtherActors,
});

async function refuseUnknownLead({ db, options }: Context<Own>): Promise<void> {
  if (options.lead === undefined) return;
  if (options.retryErrors) throw new UserError("--retry-errors runs every quarantined item: leave --lead out.");
  const { rows } = await db.query('select 1 from "Lead" where id = $1', [options.lead]);
  if (rows.length === 0) throw new UserError(`--lead takes the id of a Lead; there is none with ${options.lead}.`);
}

async function* auditRanges(context: Context<Own>, cursor: Cursor | undefined): AsyncGenerator<AuditRange, Ended> {
  const { db, options } = context;
  const size = options.chunkSize ?? (options.dryRun ? DRY_PAGE_AUDITS : PAGE_AUDITS);
  const all = boundsOf(options, cursor);
  const lastLead = options.limit && (await lastLeadWithin(db, all, actorsOf(options), options.limit));
  const until = lastLead ? endOf(lastLead) : all.until;
  for (let after = all.after; ; ) {
    const range = await cutRange(db, { after, until }, size);
    if (range === undefined) return lastLead ? "limit" : "end";
    yield { ...range, step: 2 };
    after = range.until;
  }
}

async function* oneAuditEach({ db }: Context<Own>, keys: readonly string[]): AsyncGenerator<AuditRange, Ended> {
  for await (const range of rangesOfAudits(db, keys)) yield { ...range, step: 2 };
  return "end";
}

async function listOtherActors({ db, options }: Context<Own>): Promise<string | undefined> {
  const { rows } = await db.query<{ actor: string; count: string }>(
    `select actor, count(*) from "Audit" where lead_id is not null and actor <> all ($1) group by actor order by 2 desc limit 20`,
    [actorsOf(options)],
  );
  if (rows.length === 0) return "The audit log holds no audits of leads.";
  return `No audit counts. Actors that are there and were not asked for: ${rows.map(({ actor, count }) => `${actor} (${count})`).join(", ")}; see --actors.`;
}

const actorsOf = ({ actors }: Own): readonly string[] => actors ?? DEFAULT_ACTORS;

/** A quarantined audit counted when it was set aside, whatever --actors says now. */
const countingIn = ({ retrying, options }: PageContext<Own>): readonly string[] =>
  retrying ? ACTORS : actorsOf(options);

const boundsOf = ({ lead }: Own, cursor: Cursor | undefined) => ({
  after: (cursor as AuditKey | undefined) ?? startOf(lead),
  until: endOf(lead),
});

export default batch;
await main(import.meta, batch);
