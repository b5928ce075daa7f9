/** Runs what an option of a batch lets follow it. */
import { parseOptions } from "./cli/options.ts";
import { type AnyScript, isComposite } from "./composite.ts";
import { MustWait } from "./errors.ts";
import { notBegun } from "./not-begun.ts";
import type { Conclusion } from "./outcome.ts";
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
  const second = await run(follow.batch, parsed.options).catch((error: unknown) =>
    notBegun(follow.batch, options, startedAt, error),
  );
  const stats = { ...first.document.stats, ...follow.stats(second.document.stats) };
  return {
    ...first,
    document: { ...first.document, stats, followedBy: second.document },
    exitCode: first.exitCode === 0 ? second.exitCode : first.exitCode,
    ...(second.error === undefined ? {} : { error: second.error }),
  };
}
