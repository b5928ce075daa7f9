/** `sync`: what was added or changed at the source since, and what is gone there. Can be run again until the cut-over. */
import { planMove } from "../../lib/move/copy.ts";
import { SYNC_PAGE_ITEMS, syncOf } from "../../lib/move/sync.ts";
import { defineBatch } from "../../lib/task.ts";
import { baseOfMoving } from "./base.ts";
import { partiesOf } from "./copy.ts";
import { NAME } from "./name.ts";
import type { Options } from "./options.ts";
import type { Route } from "./route.ts";
import { refuseCascades, refuseLoss } from "./safe.ts";

export async function syncBatch(route: Route, options: Options) {
  const sides = await route.look({ fresh: true });
  await refuseLoss(route, sides, { dryRun: false });
  const tables = sides.selection.tables.map(({ name }) => name);
  const move = planMove({ ...sides, script: NAME, tables });
  const { since, deleteMissing = false } = options;
  if (deleteMissing) await refuseCascades(sides);
  const sync = syncOf({ move, parties: partiesOf(sides), catalog: sides.target, since, deleteMissing });
  return defineBatch({
    ...baseOfMoving("sync", sides),
    title: "Bring a moved database up to date",
    steps: ["Comparing rows", "Recording audit log"],
    stages: () => sync.stages(),
    pageItems: () => SYNC_PAGE_ITEMS,
    pages: ({ db }, span, demand) => sync.pages(db, span, demand),
    pagesOf: (_, keys, size) => sync.pagesOf(keys, size),
    split: (_, page) => sync.split(page),
    plan: sync.plan,
    apply: sync.apply,
  });
}
