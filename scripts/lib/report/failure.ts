import { classify, describeError } from "../db/pg-errors.ts";
import { MustWait, RunFailed, UserError } from "../errors.ts";
import { Interrupted } from "../interrupts.ts";

/** What a person reads when a script can't go on: one line, or, for a bug of ours, the stack. */
export function complaintOf(error: unknown, { verbose = false } = {}): string {
  const known = classify(error);
  if (known instanceof UserError || known instanceof MustWait || known instanceof Interrupted) return known.message;
  if (known instanceof RunFailed)
    return verbose && known.cause ? describeError(known.cause, { verbose }) : known.message;
  return known.stack ?? known.message;
}

/** The exit code for a script that never came as far as a conclusion. */
export function exitCodeOf(error: unknown): number {
  const known = classify(error);
  if (known instanceof UserError) return 2;
  if (known instanceof MustWait) return 75;
  return known instanceof Interrupted ? known.exitCode : 1;
}
