/** Batch 3 as a process of its own whose pages hold three leads: the script's own hold 50 at least. */
import { runScript } from "../../scripts/lib/main.ts";
import { inPagesOf } from "../migrations/backfill-customers/pages.ts";

process.exitCode = await runScript(inPagesOf(3), process.argv.slice(2));
