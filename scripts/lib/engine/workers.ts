/**
 * Works a source off: its stages one after the other, the parts of a stage side by side, each part by one worker, page by page.
 * A worker that has nothing to do is given a part of another's range; each part's row is its cursor and its lease.
 */
import { withPatience } from "../db/patience.ts";
import { type Checkpoint, cutPart, endPart, type Part, replaceCheckpoint } from "../journal/checkpoint.ts";
import type { Demand, Ended, Span } from "../task.ts";
import { faultAt } from "./fault.ts";
import { storePage } from "./pages.ts";
import { type OpenPart, Pool } from "./pool.ts";
import { inJournal, type PagedSession, patienceOf, withPartition } from "./session.ts";
import { Source } from "./source.ts";
import { passGate } from "./waits.ts";

/** Where a run begins, and where it goes on: the stage, and its parts. */
export type Place = Pick<Checkpoint, "stage" | "parts">;

/** A stage that nobody has begun: one part, named "1". */
const wholeOf = (span: Span): Part => ({ ...span, partition: "1", done: false });

/** The place before everything. */
export const beginningOf = (stages: readonly Span[]): Place => ({ stage: 0, parts: stages.slice(0, 1).map(wholeOf) });

/** Stores, or in a dry run counts, all that lies ahead of a place. */
export async function workOff(session: PagedSession, stages: readonly Span[], place: Place): Promise<Ended> {
  const { context, pace } = session;
  const demand: Demand = {
    get items() {
      return pace.items;
    },
    left: context.options.limit ?? Number.POSITIVE_INFINITY,
  };
  for (const [stage, span] of stages.entries()) {
    if (stage < place.stage) continue;
    const parts = stage === place.stage ? place.parts : [wholeOf(span)];
    await takeStage(session, stage, parts);
    if ((await workOffStage(session, { stage, parts, demand })) === "limit") return "limit";
    faultAt("stage-ended");
  }
  return "end";
}

/** From here on no page of an earlier run can commit. */
async function takeStage(session: PagedSession, stage: number, parts: readonly Part[]): Promise<void> {
  const { writer, chain } = session;
  if (writer === undefined) return;
  const { script, runId } = writer.lease;
  await inJournal(session, writer, (tx) => replaceCheckpoint(tx, script, { ...chain, stage, parts, runId }));
}

/** What the workers of a stage share. */
interface Team {
  readonly pool: Pool;
  readonly demand: Demand;
  readonly stage: number;
  /** The highest number that a part has as its name. */
  highest: number;
}

/** The first worker that fails stops the others after their pages, and its error is thrown. */
async function workOffStage(
  session: PagedSession,
  { stage, parts, demand }: Place & { demand: Demand },
): Promise<Ended> {
  const pool = new Pool(parts);
  const team: Team = { pool, demand, stage, highest: Math.max(...parts.map(({ partition }) => Number(partition))) };
  const stop = new AbortController();
  const signal = AbortSignal.any([session.context.signal, stop.signal]);
  const member = { ...session, context: { ...session.context, signal } };
  const work = async (): Promise<Ended> => {
    try {
      return await workOffParts(member, team);
    } catch (error) {
      stop.abort(error);
      throw error;
    } finally {
      pool.close();
    }
  };
  const endings = await Promise.allSettled(Array.from({ length: session.workers }, work));
  if (stop.signal.aborted) throw stop.signal.reason;
  return endings.some((ending) => ending.status === "fulfilled" && ending.value === "limit") ? "limit" : "end";
}

/** One worker: takes parts until there are no more. */
async function workOffParts(session: PagedSession, team: Team): Promise<Ended> {
  for (let part = await team.pool.take(); part !== undefined; part = await team.pool.take()) {
    const ended = await workOffPart(withPartition(session, part.partition), team, part);
    if (ended === "limit") return "limit";
    team.pool.release();
  }
  return "end";
}

async function workOffPart(session: PagedSession, team: Team, part: OpenPart): Promise<Ended> {
  const { batch, context } = session;
  const source = new Source(session, () => batch.pages(context, { after: part.after, until: part.until }, team.demand));
  try {
    for (;;) {
      context.signal.throwIfAborted();
      await passGate(session);
      if (team.pool.idle > 0 && (await share(session, team, part))) source.reopen();
      const { done, value } = await source.next();
      if (done) {
        if (value === "end") await end(session);
        return value;
      }
      await storePage(session, value);
      part.after = value.cursor;
    }
  } finally {
    source.close();
  }
}

/** Gives what lies far ahead in this part to workers that have nothing to do. Returns whether it did. */
async function share(session: PagedSession, team: Team, part: OpenPart): Promise<boolean> {
  const { batch, context, writer, pace, chain } = session;
  if (part.whole || batch.divide === undefined) return false;
  const cuts = await withPatience(
    patienceOf(session),
    async () => batch.divide?.(context, part, team.pool.idle + 1, pace.items) ?? [],
  );
  const [until] = cuts;
  if (until === undefined) {
    part.whole = true;
    return false;
  }
  const others = cuts.map((after, index): Part => {
    team.highest += 1;
    return { partition: String(team.highest), after, until: cuts[index + 1] ?? part.until, done: false };
  });
  if (writer !== undefined)
    await inJournal(session, writer, (tx) => cutPart(tx, writer.lease, until, others, { stage: team.stage, ...chain }));
  faultAt("share");
  part.until = until;
  team.pool.add(others);
  return true;
}

async function end(session: PagedSession): Promise<void> {
  const { writer } = session;
  if (writer !== undefined) await inJournal(session, writer, (tx) => endPart(tx, writer.lease));
}
