/** One dialog: its answer, turned into a thread. */
import type { Api } from "../../http/api.ts";
import { ItemRefused } from "../../http/errors.ts";
import type { ItemError } from "../../page.ts";
import { inStretches } from "../../stretches.ts";
import { type Channel, type Coverage, quarantineKey, type Thread, type ThreadMessage } from "../../thread.ts";
import { coverageOf, doubtsOf, isWhole, mayBeCut } from "./coverage.ts";
import type { Dialog } from "./dialogs.ts";
import { type Items, readItems, type Said } from "./items.ts";
import { type Keyed, Keys, keysOfWindow, type Surroundings } from "./keys.ts";
import { timesOf, timeText } from "./order.ts";
import { personOf } from "./person.ts";
import type { StoredDialogs } from "./stored.ts";
import { type Answer, MESSAGES } from "./wire.ts";

/** What dialogs are read with. */
export interface Reading {
  readonly api: Pick<Api, "get">;
  readonly stored: StoredDialogs;
  /** Of times that name none. */
  readonly zone: string;
  /** Only what the service's page has loaded, not the whole history. */
  readonly recent: boolean;
}

export interface ReadDialog {
  readonly thread: Thread;
  /** How many messages are empty. */
  readonly empty: number;
  readonly refused: readonly ItemError[];
  /** All of the dialog is in it: what is not there is nowhere. */
  readonly whole: boolean;
}

/** Reads a dialog. Throws ItemRefused where the service does not have it, or answers with something else. */
export async function readDialog(reading: Reading, dialog: Dialog): Promise<ReadDialog> {
  const { api, stored, recent, zone } = reading;
  const path = `/api/conversations/${encodeURIComponent(dialog.id)}/messages`;
  const answer = await api.get(path, MESSAGES, recent ? {} : { all: true });
  if (answer.conversationId !== "" && answer.conversationId !== dialog.id)
    throw new ItemRefused("Umnico answered with another dialog: does somebody else use it at the same time?", {
      code: "SCHEMA",
    });
  const items = await readItems(dialog.id, answer.data, zone);
  const before = await stored.find(dialog.id);
  const newest = before && (await stored.newestMinute(before.id));
  const doubts = doubtsOf(answer, { recent, hasMessages: dialog.lastMessage !== "" || newest !== undefined });
  const cut = mayBeCut(doubts, { recent, messages: answer.data.length });
  const keyed = await keysIn(reading, dialog, items, { newest, cut });
  const wasWhole = before !== undefined && before.partial === null && before.window === null;
  const keys = keyed.map(({ key }) => key);
  const overlaps = wasWhole && (await stored.known(before.id, keys)).size > 0;
  const coverage = coverageOf(doubts, { recent, overlaps });
  const messages = await messagesOf(dialog.id, keyed, { newest, cut });
  return {
    thread: threadOf(reading, dialog, { answer, said: items.said, messages, coverage }),
    empty: items.empty,
    refused: items.refused,
    whole: isWhole(doubts, recent),
  };
}

type Window = Pick<Surroundings, "newest" | "cut">;

async function keysIn({ stored }: Reading, { id }: Dialog, { said }: Items, window: Window): Promise<readonly Keyed[]> {
  const keys = new Keys(id);
  const whole: Keyed[] = [];
  await inStretches(said, (one) => whole.push(keys.of(one)));
  const first = whole.filter((one) => one.said.moment.minute === window.newest?.minute);
  if (first.length === 0 || first[0] !== whole[0]) return whole;
  const quarantined = await stored.quarantined(first.map(({ key }) => quarantineKey(id, key)));
  const aside = new Set(first.map(({ key }) => key).filter((key) => quarantined.has(quarantineKey(id, key))));
  return keysOfWindow(id, whole, { ...window, aside });
}

async function messagesOf(id: string, keyed: readonly Keyed[], window: Window): Promise<ThreadMessage[]> {
  const times = timesOf(keyed, window);
  const messages: ThreadMessage[] = [];
  await inStretches(keyed, ({ key, said: { direction, content, hasAttachments, umnicoId } }) =>
    messages.push({
      id: key,
      key: quarantineKey(id, key),
      role: direction === "incoming" ? "user" : "assistant",
      content,
      at: timeText(times[messages.length] ?? 0),
      metadata: { direction, hasAttachments, ...(umnicoId === "" ? {} : { umnicoMessageId: umnicoId }) },
    }),
  );
  return messages;
}

interface Parts {
  readonly answer: Answer;
  readonly said: readonly Said[];
  readonly messages: readonly ThreadMessage[];
  readonly coverage: Coverage;
}

function threadOf({ zone }: Reading, dialog: Dialog, { answer, said, messages, coverage }: Parts): Thread {
  const { id, display, assignedTo } = dialog;
  const { clientPhone, clientTelegram } = answer;
  const newestOf = (field: "channel" | "account" | "sender") =>
    said.findLast((one) => one[field] !== "")?.[field] ?? "";
  const account = answer.channelAccount || newestOf("account") || dialog.channelAccount;
  return {
    id,
    key: id,
    channel: channelOf(answer.channel || newestOf("channel"), clientTelegram),
    ...(account === "" ? {} : { channelAccount: account }),
    metadata: { timezone: zone, ...(assignedTo === "" ? {} : { assignedTo }) },
    person: personOf({ dialog: id, display, clientPhone, clientTelegram, senderName: newestOf("sender") }),
    coverage,
    messages,
  };
}

function channelOf(named: string, telegram: string): Channel {
  const channel = named.toLowerCase();
  if (channel === "whatsapp") return "whatsapp";
  return channel === "telegram" || telegram !== "" ? "telegram" : "other";
}
