/** Which messages are asked for, and what that means for how much of a conversation is known. */
import type { Coverage, ThreadMessage } from "../../thread.ts";
import { type Item, isPrivateNote } from "./message.ts";

/** Times in milliseconds since 1970, both inclusive. */
export interface Window {
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Notes of one agent to another are left out. */
  readonly withoutPrivate: boolean;
}

export const EVERYTHING: Window = { withoutPrivate: false };

/** A page's items, each in one place. */
export interface Sorted {
  readonly messages: readonly ThreadMessage[];
  readonly refused: readonly NonNullable<Item["refused"]>[];
  readonly filtered: number;
  /** Younger than what is asked for. */
  readonly younger: number;
  /** Older than what is asked for. */
  readonly older: readonly Item[];
  /** Nothing on the page, and so nothing behind it, is young enough. */
  readonly past: boolean;
}

export function sortOut(items: readonly Item[], { since, until, withoutPrivate }: Window): Sorted {
  const isOld = ({ time }: Item) => since !== undefined && time !== undefined && time < since;
  const isYoung = ({ time }: Item) => until !== undefined && time !== undefined && time > until;
  const isFiltered = ({ message, refused }: Item) =>
    message === undefined ? refused === undefined : withoutPrivate && isPrivateNote(message);
  const meant = items.filter((item) => !isFiltered(item));
  const within = meant.filter((item) => !isOld(item) && !isYoung(item));
  return {
    messages: within.flatMap(({ message }) => message ?? []),
    refused: within.flatMap(({ refused }) => refused ?? []),
    filtered: items.length - meant.length,
    younger: meant.filter(isYoung).length,
    older: meant.filter(isOld),
    past: items.length > 0 && items.every(isOld),
  };
}

const WITHOUT_PRIVATE = "without private notes";

/** Why a walk to the end doesn't give the whole conversation; undefined where it does. `left` says that older messages were left out. */
export function windowReason({ since, withoutPrivate }: Window, left: boolean): string | undefined {
  const reasons = [
    ...(left && since !== undefined ? [`since ${new Date(since).toISOString()}`] : []),
    ...(withoutPrivate ? [WITHOUT_PRIVATE] : []),
  ];
  return reasons.length === 0 ? undefined : reasons.join(", ");
}

export function coverageOf(partial: string | undefined, window: string | undefined): Coverage {
  if (partial !== undefined) return { kind: "partial", reason: partial };
  return window === undefined ? { kind: "complete" } : { kind: "window", reason: window };
}

/** Whether a conversation of which so much is stored has all that such a walk would give, but for what is new. */
export const isWhole = (
  { partial, window }: { readonly partial: string | null; readonly window: string | null },
  { withoutPrivate }: Window,
): boolean => partial === null && (window === null || (withoutPrivate && window === WITHOUT_PRIVATE));
