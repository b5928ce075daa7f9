/** The two batches that are killed, cut off and locked out, each with its data. */

import type { AnyBatch } from "../../scripts/lib/task.ts";
import conversations from "../../scripts/migrations/backfill-conversations-messages.ts";
import type { Asked } from "../helpers/crm.ts";
import { type Started, startFile } from "../helpers/script.ts";
import { inPagesOf } from "../migrations/backfill-customers/pages.ts";
import { addConversationsCrm, CHUNK } from "./conversations-crm.ts";
import { addCustomersCrm } from "./customers-crm.ts";

export interface Subject {
  readonly name: string;
  /** With pages that are small enough for this data. */
  readonly batch: AnyBatch;
  readonly argv: readonly string[];
  /** Fault points that lie behind its last page. */
  readonly last: readonly string[];
  /** Fills an empty CRM, with the same rows for the same seed. */
  readonly fill: (db: Asked, seed: number) => Promise<void>;
  /** Starts it in a process of its own; `fault` is what CRM_MIGRATIONS_FAULT is set to. */
  readonly start: (url: string, fault?: string, more?: readonly string[]) => Started;
}

const startOf =
  (file: string, argv: readonly string[]): Subject["start"] =>
  (url, fault = "", more = []) =>
    startFile(file, [...argv, ...more], { url, env: { CRM_MIGRATIONS_FAULT: fault } });

const CONVERSATIONS_ARGV = ["--workers", "2", "--chunk-size", String(CHUNK)];
const CUSTOMERS_ARGV = ["--workers", "2"];

/** Batch 4: some 40 pages, three items for the quarantine, and audits that arrive behind the cursor. */
export const CONVERSATIONS: Subject = {
  name: "backfill-conversations-messages",
  batch: conversations,
  argv: CONVERSATIONS_ARGV,
  last: ["stage-ended:1", "late-found:1", "page-saved:1", "page-committed:1", "record:1"],
  fill: addConversationsCrm,
  start: startOf("scripts/migrations/backfill-conversations-messages.ts", CONVERSATIONS_ARGV),
};

/** Batch 3: some 70 pages in five stages, five items for the quarantine. */
export const CUSTOMERS: Subject = {
  name: "backfill-customers",
  batch: inPagesOf(3),
  argv: CUSTOMERS_ARGV,
  last: ["stage-ended:1", "stage-ended:2", "record:1"],
  fill: addCustomersCrm,
  start: startOf("tests/crash/customers-in-small-pages.ts", CUSTOMERS_ARGV),
};
