import type { Person } from "../../thread.ts";

/** What a phone is written with. */
const PHONE = /^[\d+\-\s()[\].]+$/;
const PHONE_DIGITS = { least: 10, most: 15 };
/** A single word such as ivan_1990: a name has neither a digit nor an underscore. */
const NICK = /^(?=.*[\d_])[A-Za-z0-9_.]+$/;

/** What is known about who talks to us. */
export interface Shown {
  readonly dialog: string;
  /** What Umnico shows as the person's name: a phone, a nick or a name. */
  readonly display: string;
  readonly clientPhone: string;
  readonly clientTelegram: string;
  /** The name that incoming messages carry. */
  readonly senderName: string;
}

/** The digits of what looks like a phone. */
export function phoneIn(text: string): string | undefined {
  const digits = text.replace(/\D/g, "");
  const fits = digits.length >= PHONE_DIGITS.least && digits.length <= PHONE_DIGITS.most;
  return fits && PHONE.test(text) ? digits : undefined;
}

/** A nick as shown, without its @. */
export function nickIn(text: string): string | undefined {
  if (phoneIn(text) !== undefined) return undefined;
  if (text.startsWith("@")) return text.slice(1).trim() || undefined;
  return NICK.test(text) ? text : undefined;
}

const withoutAt = (nick: string): string => nick.replace(/^@/, "").trim();

/** People without a phone and a nick are as many as their dialogs: equal names are not one person. */
export function personOf({ dialog, display, clientPhone, clientTelegram, senderName }: Shown): Person {
  const phone = phoneIn(clientPhone) ?? phoneIn(display);
  const nick = withoutAt(clientTelegram) || nickIn(display);
  const name = [senderName, display].find(isName);
  const key = phone ? `phone:${phone}` : nick ? `nick:${nick.toLowerCase()}` : `dialog:${dialog}`;
  return {
    key,
    ...(phone ? { phone } : {}),
    ...(nick ? { nick } : {}),
    ...(name ? { name } : {}),
  };
}

const isName = (text: string): boolean =>
  text !== "" && text !== "@" && phoneIn(text) === undefined && nickIn(text) === undefined;

/** Enough to recognise somebody, and too little to call them. */
export function shortened(display: string): string {
  const phone = phoneIn(display);
  return `${phone === undefined ? [...display].slice(0, 3).join("") : phone.slice(0, 6)}***`;
}
