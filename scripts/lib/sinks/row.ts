/** One row of a statement's input each: what a thread or a message becomes. */
import { createHash } from "node:crypto";
import { deterministicId } from "../deterministic-id.ts";
import { storableKey } from "../item-key.ts";
import type { Coverage, Thread, ThreadMessage } from "../thread.ts";
import type { SinkRules } from "./rules.ts";

/** A year beyond 9999, or before 0, as JavaScript writes it. */
const LONG_YEAR = /^([+-])(\d{6})-(.*)$/s;

/** What every row of a run carries. */
export interface Origin {
  readonly rules: SinkRules;
  readonly runId: number | null;
}

/** What metadata says of where a row comes from. */
export const originOf = ({ rules, runId }: Origin) => ({
  source: rules.source,
  createdBy: `${rules.script}.ts`,
  runId,
});

/** Whether an earlier page of a dry run would have made this row. */
export type WasMade = (id: string) => boolean;

export interface ThreadRow {
  readonly n: number;
  readonly id: string;
  coverage: Coverage["kind"];
  reason: string | undefined;
  [column: string]: unknown;
}

/** A conversation, should it be new; `seen` where an earlier page of a dry run would have made it. */
export function threadRow(n: number, thread: Thread, nuls: number, origin: Origin, wasMade: WasMade): ThreadRow {
  const { source } = origin.rules;
  const id = deterministicId(source, thread.key);
  return {
    n,
    id,
    external_id: thread.id,
    ref_id: deterministicId(source, `conversation/${thread.id}`),
    channel: thread.channel,
    store_id: thread.storeId,
    channel_account: thread.channelAccount,
    status: thread.status,
    started_at: startOf(thread),
    metadata: { ...thread.metadata, ...originOf(origin), createdAt: new Date().toISOString(), ...replaced(nuls) },
    coverage: "unknown",
    reason: undefined,
    seen: wasMade(id),
  };
}

export const startOf = ({ startedAt }: Thread): string | undefined =>
  startedAt === undefined ? undefined : toTimestamp(startedAt);

/** A message, should it be new. */
export const messageRow = (n: number, t: number, id: string, message: ThreadMessage, nuls: number, origin: Origin) => ({
  n,
  t,
  id,
  source_id: message.id,
  key: storableKey(message.key),
  role: message.role,
  content: message.content,
  at: toTimestamp(message.at),
  metadata: {
    ...message.metadata,
    ...originOf(origin),
    sourceId: message.id,
    contentMd5: createHash("md5").update(message.content).digest("hex"),
    ...replaced(nuls),
  },
});

const replaced = (nuls: number) => (nuls === 0 ? {} : { nulReplaced: nuls });

/** PostgreSQL knows no sign before a year, and no year 0: 1 BC is what ISO 8601 calls 0000. */
export function toTimestamp(iso: string): string {
  const [, sign, year = "", rest = ""] = LONG_YEAR.exec(iso) ?? [
    undefined,
    iso.startsWith("0000-") ? "-" : "",
    "0",
    iso.slice(5),
  ];
  if (sign === "+") return `${Number(year)}-${rest}`;
  if (sign === "-") return `${String(Number(year) + 1).padStart(4, "0")}-${rest} BC`;
  return iso;
}
