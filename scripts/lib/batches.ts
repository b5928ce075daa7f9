/** The batches in their order. Scripts, folders, locks and Audit actions take their names from here; a test holds them together. */
export interface BatchEntry {
  readonly number: number;
  readonly name: string;
  /** A schema batch is applied by its folder; a data batch by a run that was not rolled back. */
  readonly kind: "schema" | "data";
  /** Folders of `prisma/migrations/`, oldest first. */
  readonly folders: readonly string[];
  /** It needs something from outside, and is pending only where somebody asks for it: "an account". */
  readonly outside?: string;
  /** The steps, as a run's `options.step` names them, that apply it; without this any run does. */
  readonly appliedBy?: readonly string[];
}

const entry = (number: number, name: string, kind: BatchEntry["kind"], ...folders: string[]): BatchEntry => ({
  number,
  name,
  kind,
  folders,
});

const ACCOUNT = "an account";

export const BATCHES: readonly BatchEntry[] = [
  entry(1, "create-schema", "schema", "20251101_create_crm", "20251107_create_schema"),
  entry(2, "add-fts-indexes", "schema", "20251108_add_fts_indexes"),
  entry(3, "backfill-customers", "data", "20251109_backfill_customers"),
  entry(4, "backfill-conversations-messages", "data", "20251110_backfill_conversations_messages"),
  entry(5, "backfill-memory-notes", "data", "20251111_backfill_memory_notes"),
  { ...entry(6, "backfill-umnico-conversations", "data", "20251112_backfill_umnico_conversations"), outside: ACCOUNT },
  { ...entry(7, "backfill-freshchat-messages", "data", "20251113_backfill_freshchat_messages"), outside: ACCOUNT },
  { ...entry(8, "sync-wildberries-chats", "data", "20251114_sync_wildberries_chats"), outside: ACCOUNT },
  entry(9, "classify-chats", "data", "20251115_classify_chats"),
  {
    ...entry(10, "migrate-business-data", "data", "20251116_migrate_business_data"),
    outside: "a source",
    appliedBy: ["copy", "sync"],
  },
];

/** The numbers of those that are pending only where somebody asks for them. */
export const OPTIONAL = BATCHES.filter(({ outside }) => outside !== undefined).map(({ number }) => number);

export function batchOf(number: number): BatchEntry {
  const found = BATCHES.find((batch) => batch.number === number);
  if (found === undefined) throw new RangeError(`There is no batch ${number}.`);
  return found;
}

/** `backfill-customers` → `backfill_customers`: the form that Audit actions and folders use. */
export const actionOf = (name: string): string => name.replaceAll("-", "_");

/** What a person types to run a batch. */
export const commandOf = (name: string): string => `npx tsx scripts/migrations/${name}.ts`;
