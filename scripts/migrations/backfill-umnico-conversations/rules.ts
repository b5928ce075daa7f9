import type { SinkRules } from "../../lib/sinks/threads.ts";

export const NAME = "backfill-umnico-conversations";
export const SOURCE = "umnico_backfill";

/** How the sink stores Umnico's dialogs. */
export const RULES: SinkRules = { source: SOURCE, script: NAME, adopt: false, refs: "umnico", bookings: true };
