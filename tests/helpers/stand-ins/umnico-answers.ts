/** What Umnico's Playwright service answers, in both of its versions. */
import { DateTime } from "luxon";
import type { Answer, Asked } from "./stand-in.ts";
import type { Umnico, UmnicoDialog, UmnicoMessage } from "./umnico.ts";

/** How many messages make the service wonder whether there are more. */
const SUSPICIOUS = 30;

export const failure = (error: string): Answer => ({ status: 500, body: { ok: false, error } });

export function answerOf(umnico: Umnico, { method, path, query }: Asked): Answer {
  if (method !== "GET") return failure(`${method} is not for an importer`);
  if (path === "/health") return { body: healthOf(umnico) };
  if (path === "/api/conversations") return { body: listOf(umnico, query) };
  const [, id] = /^\/api\/conversations\/(.*)\/messages$/s.exec(path) ?? [];
  if (id === undefined) return { status: 404, body: "<html>Cannot GET</html>" };
  const dialog = umnico.dialogs.find((one) => one.id === id);
  if (dialog?.gone === true) return { status: 404, body: { ok: false, error: "not found" } };
  return { body: { ...messagesOf(umnico, dialog ?? { id, messages: [] }, query), ...dialog?.answer } };
}

const healthOf = ({ health, url }: Umnico) => ({
  ok: true,
  service: "umnico-playwright",
  initialized: true,
  lastLoginAt: "2025-11-25T07:00:00.000Z",
  uptime: 12.5,
  browserConnected: true,
  pageUrl: url,
  ...health,
});

function listOf({ dialogs, version, list }: Umnico, query: URLSearchParams): object {
  const limit = query.get("all") === "true" ? dialogs.length : Number(query.get("limit")) || 50;
  const data = dialogs
    .slice(0, limit)
    .map(({ id, phone = "", lastMessage, channelAccount = "", assignedTo = "", messages }) => ({
      conversationId: id,
      phone,
      lastMessage: lastMessage ?? messages.at(-1)?.text ?? "",
      lastMessageTime: messages.length > 0 ? "10:40" : "",
      channelAccount,
      assignedTo,
    }));
  const cached = version === 2 ? { cached: query.get("cache") !== "false" } : {};
  return { ok: true, count: data.length, total: data.length, data, ...cached, ...list };
}

function messagesOf(umnico: Umnico, dialog: UmnicoDialog, query: URLSearchParams): object {
  const { version, window, scrolled, raw } = umnico;
  const { id, messages } = dialog;
  const all = query.get("all") === "true";
  const shown = messages.slice(-Math.min(all ? scrolled : Math.min(window, 50), messages.length || 1));
  const first = messages.length - shown.length;
  const since = all ? null : query.get("since");
  const asked = since === null ? shown : shown.filter(({ at }) => at >= since);
  const data = asked.map((message, index) => itemOf(umnico, dialog, message, { index, place: first + index }));
  const base = { ok: true, conversationId: id, count: data.length, data };
  if (version === 1)
    return since === null
      ? { ...base, needsManualProcessing: false, isExactly30: data.length === SUSPICIOUS && !all, exactly30Attempts: 0 }
      : base;
  return {
    ...base,
    total: raw ? messages.length : null,
    incomplete: shown.length < messages.length,
    channel: "whatsapp",
    channelAccount: dialog.channelAccount ?? "",
    clientPhone: null,
    clientTelegram: null,
  };
}

function itemOf(
  umnico: Umnico,
  { id, phone = "", channelAccount = "995000000000" }: UmnicoDialog,
  message: UmnicoMessage,
  { index, place }: { index: number; place: number },
): unknown {
  if ("item" in message) return message.item;
  const { text, direction = "incoming", hasAttachments = false } = message;
  const datetime = message.datetime === undefined ? shownTime(message.at, umnico.times) : message.datetime;
  if (umnico.version === 2 && umnico.raw)
    return {
      messageId: `${id}-${place}`,
      incoming: direction === "incoming",
      datetime,
      message: { text, ...(hasAttachments ? { attachments: [{ type: "image" }] } : {}) },
      sender: { name: direction === "incoming" ? phone : "Manager" },
    };
  return {
    index,
    text,
    time: DateTime.fromISO(message.at, { zone: "Europe/Moscow" }).toFormat("HH:mm"),
    datetime,
    direction,
    hasAttachments,
    conversationId: id,
    channel: message.channel ?? "whatsapp",
    channelAccount: message.channelAccount ?? channelAccount,
  };
}

function shownTime(at: string, times: Umnico["times"]): string | number {
  const time = DateTime.fromISO(at, { zone: "Europe/Moscow" });
  if (times === "unix") return time.toMillis();
  return times === "iso" ? (time.toUTC().toISO() ?? "") : time.toFormat("dd.MM.yyyy HH:mm");
}
