/** What `status --json` prints. */
import { givenOptions } from "../run-words.ts";
import type { BatchState, Situation } from "../state.ts";
import { failedOf, type Verified } from "./checks.ts";

interface Result {
  readonly exitCode: number;
  readonly database: string;
  readonly attention: readonly string[];
}

/** Everything that people read, under names. */
export const documentOf = (
  { states, strangers, unreadable, replica }: Situation,
  verified: ReadonlyMap<number, Verified>,
  { exitCode, database, attention }: Result,
): object => ({
  command: "status",
  exitCode,
  database,
  replica,
  unreadable,
  strangers,
  attention,
  batches: states.map((batch) => batchDocument(batch, verified.get(batch.entry.number))),
});

/** `verify` is null where the checks were not run. */
function batchDocument(
  { entry, state, lastRun, wholeRun, ...rest }: BatchState,
  verified: Verified | undefined,
): object {
  const { number, name, kind, outside } = entry;
  const { heartbeatAge, alike, script, partial, status, options = {}, ...run } = lastRun ?? {};
  const told = state !== "running" && status === "running" ? "killed" : status;
  return {
    number,
    name,
    kind,
    optional: outside !== undefined,
    state,
    ...rest,
    lastRun:
      lastRun === undefined
        ? null
        : {
            ...run,
            status: told,
            options: givenOptions(options),
            ...(told === "running" ? { heartbeatAge } : {}),
          },
    verify: verified === undefined ? null : { ...verified, holds: failedOf(verified) === 0 },
  };
}
