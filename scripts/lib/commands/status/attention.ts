/** What keeps a database from being all that it should be. */
import { type BatchState, stateWords } from "../state.ts";
import { failedOf, type Verified } from "./checks.ts";

/** One line for each batch that somebody should look at: "4 stopped", "3: 2 checks fail". Optional ones count where they are wanted. */
export function attentionOf(
  states: readonly BatchState[],
  verified: ReadonlyMap<number, Verified>,
  wanted: readonly number[],
): string[] {
  return states.flatMap((batch) => {
    const { number } = batch.entry;
    if (isIdle(batch)) return isWanted(batch, wanted) ? [told(batch)] : [];
    if (batch.state !== "done") return [told(batch), ...failing(number, verified)];
    return failing(number, verified);
  });
}

const told = (batch: BatchState): string =>
  `${batch.entry.number} ${batch.state === "quarantine" ? "in quarantine" : stateWords(batch)}`;

/** Whether nothing of it is there. */
const isIdle = ({ state }: BatchState): boolean => state === "pending" || state === "rolled_back";

/** Whether an optional batch was asked for; the others always are. */
export const isWanted = ({ entry }: BatchState, wanted: readonly number[]): boolean =>
  entry.outside === undefined || wanted.includes(entry.number);

function failing(number: number, verified: ReadonlyMap<number, Verified>): string[] {
  const result = verified.get(number);
  const count = result === undefined ? 0 : failedOf(result);
  return count === 0 ? [] : [`${number}: ${count} ${count === 1 ? "check does" : "checks do"} not hold`];
}
