/**
 * Batch 1: the tables of the CRM and of the suite. On an empty database it makes everything; on a CRM that was there
 * first, with --baseline, only what is missing.
 * Safe to repeat: a folder is applied once, and makes only what it does not find.
 */
import { main } from "../lib/main.ts";
import { baselineSchema, survey } from "../lib/schema/baseline.ts";
import { defineSchemaBatch } from "../lib/task.ts";

const batch = defineSchemaBatch({
  number: 1,
  name: "create-schema",
  title: "Create the schema",
  unit: "parts",
  requires: [],
  options: {
    baseline: {
      type: "boolean",
      default: false,
      describe: "Take a CRM's own tables as they are, and add only what is missing",
    },
  },
  steps: ["Creating tables, indexes and functions", "Recording audit log"],
  schema: baselineSchema,
  skips: [],
  labels: {
    migrationsApplied: "Migrations applied",
    tablesCreated: "Tables created",
    columnsAdded: "Columns added",
    typesCreated: "Enum types created",
    indexesCreated: "Indexes created",
    foreignKeysCreated: "Foreign keys created",
    viewsCreated: "Views created",
    functionsCreated: "Functions created",
  },
  // What does not fit is refused before a run begins.
  check: async (context) => void (await survey(context)),
  stats: ({ counters }) => counters,
});

export default batch;
await main(import.meta, batch);
