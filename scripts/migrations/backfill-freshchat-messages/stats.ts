/** The numbers of batch 7, as its summary and its document name them. */
import type { Totals } from "../../lib/task.ts";

export const LABELS = {
  totalConversations: "Conversations",
  conversationsProcessed: "Conversations processed",
  conversationsFailed: "Conversations failed",
  conversationsCreated: "Conversations created",
  conversationsUpdated: "Conversations updated",
  messagesFetched: "Messages fetched",
  totalMessagesInserted: "Messages inserted",
  messagesExisting: "Messages known already",
  messagesFiltered: "Messages filtered",
  totalMessagesFailed: "Messages failed",
  requests: "Requests",
  waitedSeconds: "Seconds waited for limits",
  durationSeconds: "Seconds in all",
} as const;

/** A conversation that failed, or is gone, is an item but no message. */
export function statsOf({ fetched, created, unchanged, skipped, quarantined, counters }: Totals, elapsedMs: number) {
  const conversationsFailed = counters.conversationsFailed ?? 0;
  return {
    totalConversations: counters.conversations ?? 0,
    conversationsProcessed: counters.conversationsProcessed ?? 0,
    conversationsFailed,
    conversationsCreated: counters.conversationsCreated ?? 0,
    conversationsUpdated: counters.conversationsUpdated ?? 0,
    messagesFetched: fetched - conversationsFailed - (skipped.gone ?? 0),
    totalMessagesInserted: created,
    messagesExisting: unchanged,
    messagesFiltered: (skipped.filtered ?? 0) + (skipped.outsideWindow ?? 0),
    totalMessagesFailed: quarantined - conversationsFailed,
    requests: counters.requests ?? 0,
    waitedSeconds: tenths(counters.waitedSeconds ?? 0),
    durationSeconds: tenths(elapsedMs / 1_000),
  };
}

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;
