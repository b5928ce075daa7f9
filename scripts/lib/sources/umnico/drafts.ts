/** Both kinds of messages, the page's and those of Umnico's API, as one. */
import type { ZodError } from "zod";
import { RAW, SCRAPED } from "./wire.ts";

/** Stands for a message that has no text but something attached: what it is, the service doesn't tell. */
const PLACEHOLDER = "[attachment]";

/** What an item says, its time not read yet. Texts are "" where it doesn't tell. */
export interface Draft {
  readonly direction: "incoming" | "outgoing";
  /** "" where there is neither a text nor an attachment. */
  readonly content: string;
  readonly time: string | number;
  readonly hasAttachments: boolean;
  /** The dialog that it belongs to. */
  readonly dialog: string;
  readonly channel: string;
  readonly account: string;
  /** Who wrote an incoming one. */
  readonly sender: string;
  /** Its id in Umnico: only raw items have one. */
  readonly umnicoId: string;
}

/** Reads an item of either kind, or says why it is neither. */
export function draftOf(item: unknown): Draft | { readonly complaint: string } {
  return item !== null && typeof item === "object" && "direction" in item ? scraped(item) : raw(item);
}

function scraped(item: unknown): Draft | { readonly complaint: string } {
  const { data, error } = SCRAPED.safeParse(item);
  if (data === undefined) return { complaint: complaintOf(error) };
  const { direction, text, datetime, hasAttachments, conversationId, channel, channelAccount } = data;
  return {
    direction,
    content: contentOf(text, hasAttachments),
    time: datetime ?? "",
    hasAttachments,
    dialog: conversationId,
    channel,
    account: channelAccount,
    sender: "",
    umnicoId: "",
  };
}

function raw(item: unknown): Draft | { readonly complaint: string } {
  const { data, error } = RAW.safeParse(item);
  if (data === undefined) return { complaint: complaintOf(error) };
  const { incoming, message, datetime, sender, messageId } = data;
  const hasAttachments = (message?.attachments ?? []).length > 0;
  return {
    direction: incoming ? "incoming" : "outgoing",
    content: contentOf(message?.text, hasAttachments),
    time: datetime ?? "",
    hasAttachments,
    dialog: "",
    channel: "",
    account: "",
    sender: incoming ? (sender?.name ?? "") : "",
    umnicoId: messageId,
  };
}

const contentOf = (text: string | null | undefined, hasAttachments: boolean): string => {
  if ((text ?? "").trim() !== "") return text ?? "";
  return hasAttachments ? PLACEHOLDER : "";
};

/** The field, and what was expected there; never what is in it. */
const complaintOf = ({ issues: [issue] }: ZodError): string =>
  issue === undefined ? "unknown" : `${issue.path.map(String).join(".") || "the item"}: ${issue.message}`;
