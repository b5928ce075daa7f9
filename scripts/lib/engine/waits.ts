import { setTimeout as sleep } from "node:timers/promises";
import { withPatience } from "../db/patience.ts";
import { describeError } from "../db/pg-errors.ts";
import { MustWait } from "../errors.ts";
import { pass } from "../health/gate.ts";
import type { Page } from "../task.ts";
import { type PagedSession, patienceOf } from "./session.ts";

/** Between two attempts at a single item that runs into a timeout. */
const TIMEOUT_WAIT_MS = 1_000;

/** A timeout is never the item's fault: whoever holds the lock may let it go. Throws MustWait where that takes too long. */
export async function waitForItem(session: PagedSession, { key }: Page, error: unknown, since: number): Promise<void> {
  const { context, maxWaitMs, report } = session;
  const why = `${key}: ${describeError(error)}`;
  if (performance.now() - since > maxWaitMs) throw new MustWait(`${why}. Run the same command again to go on.`);
  report.waits(why);
  await sleep(TIMEOUT_WAIT_MS, undefined, { signal: context.signal });
  report.waits(undefined);
}

/** Waits while the server has enough to bear; pages for which others wait get smaller. */
export async function passGate(session: PagedSession): Promise<void> {
  const { gate, maxWaitMs, context, pace, report } = session;
  if (gate === undefined) return;
  const passage = { maxWaitMs, signal: context.signal, onWait: report.waits.bind(report) };
  const verdict = await withPatience(patienceOf(session), () => pass(gate, passage));
  if (verdict?.smaller) pace.shrink();
}
