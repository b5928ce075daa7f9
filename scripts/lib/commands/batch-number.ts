import { BATCHES, type BatchEntry } from "../batches.ts";
import { UserError } from "../errors.ts";

/** The batch that a word of the command line names. */
export function entryNamed(word: string, where = "BATCH"): BatchEntry {
  const entry = BATCHES.find(({ number }) => String(number) === word.trim());
  if (entry !== undefined) return entry;
  throw new UserError(`${where} is one of ${BATCHES.map(({ number }) => number).join(", ")}, not "${word}".`);
}
