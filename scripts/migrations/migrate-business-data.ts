/**
 * Batch 10: a whole business database, from Supabase or PostgreSQL into this one: plan, schema, copy, verify, sync. Safe to repeat: a
 * row that is there, by its key, stays as it is until `sync` finds that it changed at the source.
 */
import { defineComposite } from "../lib/composite.ts";
import { main } from "../lib/main.ts";
import { copyBatch } from "./migrate-business-data/copy.ts";
import { NAME } from "./migrate-business-data/name.ts";
import { addUp, LABELS, movedAny, SUMS_OF_TABLE } from "./migrate-business-data/numbers.ts";
import { type Options, OWN_OPTIONS } from "./migrate-business-data/options.ts";
import { planBatch } from "./migrate-business-data/plan.ts";
import { openRoute, type Route } from "./migrate-business-data/route.ts";
import { schemaBatch } from "./migrate-business-data/schema.ts";
import { syncBatch } from "./migrate-business-data/sync.ts";
import { verifyBatch } from "./migrate-business-data/verify.ts";

const batch = defineComposite({
  number: 10,
  name: NAME,
  title: "Move a whole business database here",
  requires: [1],
  options: OWN_OPTIONS,
  skips: [],
  labels: LABELS,
  subcommands: [
    {
      name: "plan",
      summary: "what would move, and what would be lost; only reads",
      readsOnly: true,
      movesNothing: true,
      declare: planBatch,
    },
    { name: "schema", summary: "make the tables that are missing", movesNothing: true, declare: schemaBatch },
    { name: "copy", summary: "copy the rows that are missing", declare: copyBatch },
    {
      name: "verify",
      summary: "prove that both sides hold the same",
      looksBack: true,
      judges: true,
      declare: verifyBatch,
    },
    { name: "sync", summary: "bring over what changed at the source since", looksBack: true, declare: syncBatch },
  ],
  retries: "copy",
  open: (options: Options, around): Promise<Route> => openRoute(options, around),
  stored: movedAny,
  stats: addUp,
  sums: SUMS_OF_TABLE,
});

export default batch;
await main(import.meta, batch);
