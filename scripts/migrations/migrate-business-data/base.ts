/** What the runs of batch 10 have in common. */
import { folderSchema } from "../../lib/schema/folder-schema.ts";
import type { Context, Totals } from "../../lib/task.ts";
import { NAME } from "./name.ts";
import { detailsOf, LABELS, numbersOf, numbersOfLook } from "./numbers.ts";
import { type Options, selectionOf } from "./options.ts";
import { guard, release } from "./preserved.ts";
import type { Sides } from "./route.ts";

const { tables, tablesVerified, differences, ...ofRows } = LABELS;

/** Each run has all numbers in its document, and shows those that it is about. */
const BASE = { number: 10, name: NAME, requires: [1], skips: [], labels: { tables, ...ofRows } } as const;

/** A run that moves rows, and can be resumed; the preserved tables are guarded while it is at work. */
export function baseOfMoving(step: "copy" | "sync", sides: Sides) {
  const folder = folderSchema(NAME);
  const names = sides.selection.tables.map(({ name }) => name);
  return {
    ...BASE,
    unit: "rows",
    schema: {
      plan: folder.plan,
      apply: async (context: Context) => {
        const result = await folder.apply(context);
        await guard(context, sides);
        return result;
      },
    },
    close: release,
    selection: (own: Options) => selectionOf({ ...own, step }),
    stats: (totals: Totals) => numbersOf(totals, names.length),
    details: (totals: Totals) => detailsOf(totals, names),
  };
}

/** A run that looks at tables, or makes them, and moves no rows. */
export const BASE_OF_LOOK = { ...BASE, unit: "tables", labels: { tables }, stats: numbersOfLook };

export const LABELS_OF_VERIFY = { tables, tablesVerified, differences };
