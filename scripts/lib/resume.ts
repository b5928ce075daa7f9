import type { Queryable } from "./db/database.ts";
import { UserError } from "./errors.ts";
import { type Checkpoint, loadCheckpoint, type Selection } from "./journal/checkpoint.ts";
import type { AnyBatch, CommonOptions } from "./task.ts";

/** The checkpoint that this run begins at; a UserError where it belongs to other options. */
export async function resumePoint(
  db: Queryable,
  batch: AnyBatch,
  options: CommonOptions,
): Promise<Checkpoint | undefined> {
  if (batch.pages === undefined || options.restart || options.retryErrors) return undefined;
  const checkpoint = await loadCheckpoint(db, batch.name);
  if (checkpoint === undefined) return undefined;
  const wanted = selectionOf(batch, options);
  if (describe(wanted) === describe(checkpoint.selection)) return checkpoint;
  throw new UserError(
    `Run ${checkpoint.runId} has not ended; it was started with ${describe(checkpoint.selection)}, this one with ` +
      `${describe(wanted)}. Use the same options to go on, or --restart to begin anew.`,
  );
}

/** The options that select items, as they are saved with the checkpoint. */
export const selectionOf = (batch: AnyBatch, options: CommonOptions): Selection => batch.selection?.(options) ?? {};

/** Not an option: the first word of the command line. */
const SUBCOMMAND = "step";

const describe = (selection: Selection): string => {
  const names = Object.keys(selection).sort();
  const words = names.map((name) => (name === SUBCOMMAND ? selection[name] : `--${name} ${selection[name]}`));
  return words.join(" ") || "no selection";
};
