/** What `up` says before and after. */
import { DESK_COMMAND, type Desk } from "../desk.ts";
import { wrap } from "../lines.ts";
import { type BatchState, stateWords } from "../state.ts";
import { commandOfUp, type Left, type Plan, type Wanted } from "./plan.ts";

/** What will be applied, what is left, and what is odd. */
export function sayPlan({ printer }: Desk, { steps, left }: Plan, states: readonly BatchState[]): void {
  const lines: string[] = [];
  for (const { changed, missing } of states) {
    for (const name of changed)
      lines.push(`Warning: prisma/migrations/${name}/migration.sql was changed after it was applied.`);
    for (const name of missing) lines.push(`Warning: prisma/migrations/${name} is applied, and not in this tree.`);
  }
  for (const why of new Set(left.map((one) => one.why))) lines.push(...linesOf(left.filter((one) => one.why === why)));
  if (steps.length > 0) lines.push("To apply:");
  for (const { entry, state } of steps) {
    const how = state.state === "pending" ? "" : ` (${stateWords(state)})`;
    lines.push(`  ${entry.number} ${entry.name}${how}`);
  }
  for (const line of lines.flatMap((text) => wrap(text))) printer.line(line);
}

/** Batches that are left for the same reason. */
function linesOf(batches: readonly Left[]): string[] {
  const numbers = batches.map(({ batch }) => batch).join(", ");
  const { reason = "done", why = "" } = batches[0] ?? {};
  if (reason === "done") return [`Done already: ${numbers}.`];
  const line = `Left out: ${numbers} (${why}).`;
  if (reason === "not named") return [line, `  To apply these too: --with ${numbers.replaceAll(" ", "")}`];
  return reason === "quarantine" ? [line, `  ${DESK_COMMAND} errors tells why.`] : [line];
}

/** How all ended that went well. */
export function sayEnd({ printer }: Desk, wanted: Wanted, { steps, left }: Plan): void {
  const numbers = steps.map(({ entry }) => entry.number).join(", ");
  const applied = [`Applied: ${numbers}.`];
  const lines = wanted.dryRun ? ["Rehearsed. To apply:", `  ${commandOfUp({ ...wanted, dryRun: false })}`] : applied;
  if (steps.length > 0) lines.forEach(printer.line);
  const quarantined = left.filter(({ reason }) => reason === "quarantine").map(({ batch }) => batch);
  if (quarantined.length > 0) printer.line(`Not all is well: items of ${quarantined.join(", ")} are in quarantine.`);
}
