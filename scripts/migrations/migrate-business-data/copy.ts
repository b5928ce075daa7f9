/** `copy`: the rows, page by page; what is there already stays as it is. */
import { COPY_PAGE_ITEMS, copyOf, planMove } from "../../lib/move/copy.ts";
import { withLater } from "../../lib/move/later.ts";
import { syncOf } from "../../lib/move/sync.ts";
import { defineBatch } from "../../lib/task.ts";
import { baseOfMoving } from "./base.ts";
import { afterDropping } from "./dropped.ts";
import { NAME } from "./name.ts";
import type { Options } from "./options.ts";
import type { Route, Sides } from "./route.ts";
import { refuseLoss } from "./safe.ts";

export async function copyBatch(route: Route, options: Options) {
  const looked = await route.look();
  const sides = options.dryRun ? await afterDropping(route, looked) : looked;
  await refuseLoss(route, sides, options);
  const tables = sides.selection.tables.map(({ name }) => name);
  const target = await withLater(sides.db, sides.target);
  const move = planMove({ ...sides, target, script: NAME, tables, dryRun: options.dryRun });
  const copy = copyOf(move);
  // A row that was refused may have been refused as a change: what retries it has to look at both.
  const retry = syncOf({
    move,
    parties: partiesOf(sides),
    catalog: sides.target,
    since: undefined,
    deleteMissing: false,
  });
  return defineBatch({
    ...baseOfMoving("copy", sides),
    title: "Copy the rows of a database",
    steps: ["Counting rows", "Copying rows", "Recording audit log"],
    stages: () => copy.stages(),
    count: (_, spans) => copy.count(spans),
    pageItems: () => COPY_PAGE_ITEMS,
    pages: async function* ({ db }, span, demand) {
      const pages = copy.pages(db, span, demand);
      for (let next = await pages.next(); ; next = await pages.next()) {
        if (next.done) return next.value;
        yield { ...next.value, step: 1 };
      }
    },
    divide: ({ db }, span, parts, size) => copy.divide(db, span, parts, size),
    pagesOf: (_, keys, size) => retry.pagesOf(keys, size),
    split: (_, page) => retry.split(page),
    plan: retry.plan,
    apply: retry.apply,
  });
}

/** The two sides as they are compared. */
export const partiesOf = ({ source, catalog, db, target }: Sides) => ({
  source,
  sourceSchema: catalog.schema,
  target: db,
  schema: target.schema,
});
