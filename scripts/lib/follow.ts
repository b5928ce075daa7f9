/** Runs what an option of a batch lets follow it. */
import { parseOptions } from "./cli/options.ts";
import { type AnyScript, isComposite } from "./composite.ts";
import { MustWait } from "./errors.ts";
import type { Conclusion } from "./outcome.ts";
import { failedDocument } from "./report/document.ts";
import { exitCodeOf } from "./report/failure.ts";
import type { CommonOptions } from "./task.ts";
import { VERSION } from "./version.ts";

/**
 * Runs the batch, then, where it has not failed, what follows it; each is a run of its own. The document is the first one's, with
 * the other inside, also where that could not begin; the exit code is the first that is not 0.
 */
export async function runAndFollow(
  batch: AnyScript,
  options: CommonOptions,
  run: (batch: AnyScript, options: CommonOptions) => Promise<Conclusion>,
): Promise<Conclusion> {
  const first = await run(batch, options);
  const follow = isComposite(batch) ? undefined : batch.follow?.(options);
  // One that has to wait has done all that it could do now.
  const over = first.document.status.startsWith("completed") || first.error instanceof MustWait;
  if (follow === undefined || !over) return first;
  const flags = [...(options.dryRun ? ["--dry-run"] : []), ...(options.verbose ? ["--verbose"] : [])];
  const parsed = await parseOptions(follow.batch, [...follow.argv, ...flags], VERSION);
  if (parsed.kind === "text") throw new Error("What follows a batch is a run.");
  const startedAt = new Date();
  const notBegun = (error: unknown) => ({
    document: failedDocument(follow.batch, flags, startedAt, error),
    exitCode: exitCodeOf(error) === 2 ? 1 : exitCodeOf(error), // 2 would say that nothing was touched
    ended: undefined,
    error,
  });
  const second = await run(follow.batch, parsed.options).catch(notBegun);
  const stats = { ...first.document.stats, ...follow.stats(second.document.stats) };
  return {
    ...first,
    document: { ...first.document, stats, followedBy: second.document },
    exitCode: first.exitCode === 0 ? second.exitCode : first.exitCode,
    ...(second.error === undefined ? {} : { error: second.error }),
  };
}
