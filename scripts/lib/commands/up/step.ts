import type { Desk } from "../desk.ts";
import type { Step, Wanted } from "./plan.ts";

/** "2 of 5: batch 3, backfill-customers, goes on where run 7 stopped", with an empty line before it. */
export function headingOf({ printer }: Desk, { entry, state }: Step, steps: readonly Step[]): string {
  const place = steps.findIndex((step) => step.entry === entry) + 1;
  const { checkpoint, resumable } = state;
  const from = resumable && checkpoint !== undefined ? `, goes on where run ${checkpoint.runId} stopped` : "";
  return printer.colour.cyan(`\n=== ${place} of ${steps.length}: batch ${entry.number}, ${entry.name}${from}`);
}

/** The batch's command line. */
export const argvOf = ({ entry }: Step, { baseline, dryRun }: Wanted): string[] => [
  ...(baseline && entry.number === 1 ? ["--baseline"] : []),
  ...(dryRun ? ["--dry-run"] : []),
];
