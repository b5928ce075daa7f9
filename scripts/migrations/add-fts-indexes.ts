/**
 * Batch 2: full-text search over messages, in English and Russian, and an index on their roles.
 * Safe to repeat: an index that is there is left as it is; one that an interrupted build left invalid is built anew.
 */
import { main } from "../lib/main.ts";
import { searchSchema } from "../lib/schema/search-schema.ts";
import { defineSchemaBatch } from "../lib/task.ts";

const batch = defineSchemaBatch({
  number: 2,
  name: "add-fts-indexes",
  title: "Index messages for full-text search",
  unit: "migrations",
  requires: [1],
  steps: ["Building indexes", "Recording audit log"],
  schema: searchSchema,
  skips: [],
  labels: {
    migrationsApplied: "Migrations applied",
    migrationsAlreadyApplied: "Already applied",
    indexesBuilt: "Indexes built",
  },
  stats: ({ created, updated, unchanged, counters }) => ({
    ...counters,
    migrationsApplied: created,
    migrationsAlreadyApplied: updated + unchanged,
  }),
});

export default batch;
await main(import.meta, batch);
