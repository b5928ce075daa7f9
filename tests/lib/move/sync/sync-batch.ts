/** A batch that is nothing but a sync, for tests. */
import { withDatabase } from "../../../../scripts/lib/db/database.ts";
import { readCatalog } from "../../../../scripts/lib/move/catalog.ts";
import { planMove } from "../../../../scripts/lib/move/copy.ts";
import { openDirectSource } from "../../../../scripts/lib/move/direct.ts";
import type { Source } from "../../../../scripts/lib/move/source.ts";
import { type Sync, syncOf } from "../../../../scripts/lib/move/sync.ts";
import { defineBatch } from "../../../../scripts/lib/task.ts";
import type { TestDatabase } from "../../../helpers/database.ts";
import { type InProcess, runInProcess } from "../../../helpers/script.ts";
import { paged } from "../verify/two-copies.ts";

const NAME = "migrate-business-data";

export interface Route {
  readonly source: TestDatabase;
  readonly target: TestDatabase;
  /** Of the target; the source's is public. */
  readonly schema: string;
  readonly kind?: Source["kind"];
  /** Another source, and the name of its schema. */
  readonly other?: { readonly source: Source; readonly schema: string };
  readonly since?: string;
  readonly deleteMissing?: boolean;
  readonly pageItems?: number;
}

/** Runs a sync of all tables of the source. */
export async function runSync(route: Route, argv: readonly string[] = []): Promise<InProcess> {
  const { kind = "direct", since, deleteMissing = false, pageItems = 100, schema } = route;
  const direct = openDirectSource(route.source.address, "public");
  const source = route.other?.source ?? (kind === "direct" ? direct : paged(direct));
  try {
    return await withDatabase(route.target.address, {}, async (target) => {
      const [from, catalog] = [await source.catalog(), await readCatalog(target, schema)];
      const tables = from.tables.map(({ name }) => name);
      const move = planMove({ script: NAME, source, catalog: from, target: catalog, tables });
      const parties = { source, sourceSchema: route.other?.schema ?? "public", target, schema };
      const batch = batchOf({ move, parties, catalog, since, deleteMissing }, pageItems);
      return runInProcess(batch, route.target, argv);
    });
  } finally {
    await direct.close();
  }
}

function batchOf(sync: Sync, items: number) {
  const steps = syncOf(sync);
  return defineBatch({
    number: 10,
    name: NAME,
    title: "Bring a copy up to date",
    unit: "rows",
    requires: [1],
    schema: { plan: async () => ({ fetched: 0 }), apply: async () => ({ fetched: 0 }) },
    steps: ["Comparing rows", "Recording audit log"],
    skips: [],
    labels: {
      rowsInserted: "Inserted",
      rowsUpdated: "Updated",
      rowsExisting: "Existing",
      rowsDeleted: "Deleted",
      rowsGone: "Gone",
    },
    stats: ({ created, updated, unchanged, counters }) => ({
      rowsInserted: created,
      rowsUpdated: updated,
      rowsExisting: unchanged,
      rowsDeleted: counters.rowsDeleted ?? 0,
      rowsGone: counters.rowsGone ?? 0,
    }),
    stages: () => steps.stages(),
    pageItems: () => ({ first: items, least: 1, most: items }),
    pages: ({ db }, span, demand) => steps.pages(db, span, demand),
    pagesOf: (_, keys, size) => steps.pagesOf(keys, size),
    split: (_, page) => steps.split(page),
    plan: steps.plan,
    apply: steps.apply,
  });
}
