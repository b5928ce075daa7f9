import { describeError } from "./db/pg-errors.ts";
import type { Conclusion } from "./outcome.ts";
import { failedDocument } from "./report/document.ts";
import { exitCodeOf } from "./report/failure.ts";
import type { CommonOptions } from "./task.ts";

/** The conclusion of a run that could not begin, after others that have: exit code 2 would say that nothing was touched. */
export function notBegun(
  batch: { readonly name: string; readonly number: number },
  { dryRun }: Pick<CommonOptions, "dryRun">,
  startedAt: Date,
  error: unknown,
): Conclusion {
  const code = exitCodeOf(error);
  return {
    document: failedDocument(batch, dryRun ? ["--dry-run"] : [], startedAt, error),
    headline: describeError(error),
    exitCode: code === 2 ? 1 : code,
    ended: undefined,
    error,
  };
}
