/**
 * Batch 4: conversations and messages out of the CRM's audit log, inside the database: no audit travels to Node.
 * An item is one audit; a page is a range of (lead_id, created_at, id). Safe to repeat: an audit makes at most one message
 * (a unique index sees to it), and the ids of conversations and messages follow from the lead and the audit.
 */
import { listOf, uuid, wholeNumber } from "../lib/cli/values.ts";
import { UserError } from "../lib/errors.ts";
import { main } from "../lib/main.ts";
import { refuseSharedAudits } from "../lib/shared-keys.ts";
import {
  type AuditRange,
  boundsOf,
  cutRange,
  endOf,
  halveRange,
  rangesOfAudits,
  startOf,
} from "../lib/sources/audit-log.ts";
import { countAudits, divideAudits, limitOf } from "../lib/sources/audit-totals.ts";
import { type Context, type Demand, defineBatch, type Ended, type PageContext, type Span } from "../lib/task.ts";
import { findMissing } from "./backfill-conversations-messages/missing.ts";
import { applyRange, planRange } from "./backfill-conversations-messages/page.ts";

const ACTORS = ["customer", "agent", "user", "assistant", "system", "tool"];
const DEFAULT_ACTORS = ACTORS.filter((actor) => actor !== "tool");

const MAX_PAGE_AUDITS = 100_000;
const PAGE_AUDITS = { first: 1_000, least: 50, most: MAX_PAGE_AUDITS };
/** Before the first run there is no index yet: each page of a dry run reads all messages. */
const DRY_PAGE_AUDITS = { first: 50_000, least: 50_000, most: MAX_PAGE_AUDITS };

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
      describe: "audits in one transaction (default: what --target-ms allows)",
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
  stages: ({ options: { lead } }) => [{ after: startOf(lead), until: endOf(lead) }],
  count: ({ db, options }, spans) => countAudits(db, spans, actorsOf(options)),
  pageItems: ({ options: { chunkSize, dryRun } }) => {
    if (chunkSize !== undefined) return { first: chunkSize, least: chunkSize, most: chunkSize };
    return dryRun ? DRY_PAGE_AUDITS : PAGE_AUDITS;
  },
  pages: auditRanges,
  divide: ({ db, options }, span, parts, items) => divideAudits(db, span, actorsOf(options), parts, items),
  pagesOf: namedAudits,
  split: ({ db, options }, range) => halveRange(db, range, actorsOf(options)),
  plan: (tx, range, context) => planRange(tx, range, { ...context, actors: countingIn(context) }),
  apply: (tx, range, context) => applyRange(tx, range, { ...context, actors: countingIn(context) }),
  missing: (tx, { options }, search) => findMissing(tx, { ...search, lead: options.lead, actors: actorsOf(options) }),
  hint: listOtherActors,
});

async function refuseUnknownLead({ db, options }: Context<Own>): Promise<void> {
  if (options.lead === undefined) return;
  if (options.retryErrors) throw new UserError("--retry-errors runs every quarantined item: leave --lead out.");
  const { rows } = await db.query('select 1 from "Lead" where id = $1', [options.lead]);
  if (rows.length === 0) throw new UserError(`--lead takes the id of a Lead; there is none with ${options.lead}.`);
}

async function* auditRanges(
  { db, options }: Context<Own>,
  span: Span,
  demand: Demand,
): AsyncGenerator<AuditRange, Ended> {
  const bounds = boundsOf(span);
  const { until, leads, ended } = await limitOf(db, bounds, actorsOf(options), demand.left);
  for (let { after } = bounds; ; ) {
    const range = until && (await cutRange(db, { after, until }, demand.items));
    if (range === undefined) break;
    yield { ...range, step: 2 };
    after = range.until;
  }
  demand.left -= leads;
  return ended;
}

async function* namedAudits(
  { db }: Context<Own>,
  keys: readonly string[],
  items: number,
): AsyncGenerator<AuditRange, Ended> {
  for await (const range of rangesOfAudits(db, keys, items)) yield { ...range, step: 2 };
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

export default batch;
await main(import.meta, batch);
