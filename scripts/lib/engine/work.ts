import { openGate } from "../health/gate.ts";
import { type HealthOptions, limitsOf } from "../health/options.ts";
import { type Checkpoint, takeLease } from "../journal/checkpoint.ts";
import { selectionOf } from "../resume.ts";
import type { AnyBatch, AnyPagedBatch, Context, Ended, PageResult, Span } from "../task.ts";
import { crewSize } from "./crew.ts";
import { storeLateItems } from "./late.ts";
import { Pace } from "./pace.ts";
import { storePages } from "./pages.ts";
import { retryPages } from "./retry.ts";
import { inJournal, type PagedSession, type Session } from "./session.ts";
import { beginningOf, workOff } from "./workers.ts";

/** Near enough to half a second that a live session hardly notices a page. */
const TARGET_MS = 500;
const LOCK_TIMEOUT_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 60_000;

/** A batch that is not asked for its page sizes cuts pages as it likes. */
const ANY_SIZE = { first: 1_000, least: 1, most: 1_000 };

/** A source that is not told apart into stages is one, and open at both ends. */
const EVERYTHING: readonly Span[] = [{ after: null, until: null }];

/** The batch's pages, from the checkpoint on. Where it has none, its schema is all that there is to count. */
export async function work(session: Session, from: Checkpoint | undefined, schema: PageResult): Promise<Ended> {
  const { batch, context, report } = session;
  report.step(0);
  if (batch.pages === undefined) {
    report.add(schema);
    return "end";
  }
  const paged = await pagedSession({ ...session, batch }, from);
  if (context.options.retryErrors) return retry(paged);
  if (from !== undefined) report.say(`  going on where run ${from.runId} stopped`);
  const stages = stagesOf(batch, context);
  report.total(await batch.count?.(context, context.ahead), () => ({
    workers: paged.workers,
    pageItems: paged.pace.items,
  }));
  const ended = await workOff(paged, stages, from ?? beginningOf(stages));
  if (ended === "end") report.proof = await storeLateItems(paged);
  const hint = report.totals.fetched === 0 && from === undefined ? await batch.hint?.(context) : undefined;
  if (hint !== undefined) report.say(`  ${hint}`);
  return ended;
}

/** The stretches of the source that lie before a run that begins here. */
export function spansAhead(batch: AnyBatch, context: Context, from: Checkpoint | undefined): readonly Span[] {
  if (batch.pages === undefined || context.options.retryErrors) return [];
  const stages = stagesOf(batch, context);
  if (from === undefined) return stages;
  return [...from.parts.filter(({ done }) => !done), ...stages.slice(from.stage + 1)];
}

const stagesOf = (batch: AnyPagedBatch, context: Context): readonly Span[] => batch.stages?.(context) ?? EVERYTHING;

async function pagedSession(
  session: Session & { readonly batch: AnyPagedBatch },
  from: Checkpoint | undefined,
): Promise<PagedSession> {
  const { batch, context, db, report, writer } = session;
  const options: typeof context.options & HealthOptions = context.options;
  const limits = limitsOf(options);
  const gated = writer !== undefined && batch.divide !== undefined;
  return {
    ...session,
    workers: await crewSize(session),
    resumed: from !== undefined,
    pace: new Pace(batch.pageItems?.(context) ?? ANY_SIZE, options.targetMs ?? TARGET_MS),
    gate: gated ? openGate(db, limits, report.say.bind(report)) : undefined,
    maxWaitMs: limits.maxWaitMs,
    timeouts:
      writer === undefined
        ? {}
        : {
            lockTimeoutMs: options.lockTimeout ?? LOCK_TIMEOUT_MS,
            statementTimeoutMs: options.statementTimeout ?? STATEMENT_TIMEOUT_MS,
          },
    chain: {
      selection: selectionOf(batch, options),
      firstRunId: context.firstRunId ?? 0,
    },
  };
}

async function retry(session: PagedSession): Promise<Ended> {
  const { writer } = session;
  if (writer !== undefined) await inJournal(session, writer, (tx) => takeLease(tx, writer.lease));
  return storePages(session, retryPages(session));
}
