/**
 * The service gives messages no id, so that one is made: from conversation, direction, minute, text, and the ordinal among equals.
 * It is the same in each window that shows the message, raw or scraped.
 */
import { createHash } from "node:crypto";
import { align, isWithin } from "./align.ts";
import type { Said } from "./items.ts";

/** A message with its key, and its place within its minute. */
export interface Keyed {
  readonly said: Said;
  readonly key: string;
  readonly place: number;
}

/** The stored messages of the newest minute that has any, in their order. */
export interface NewestMinute {
  /** Its beginning, in milliseconds since 1970. */
  readonly minute: number;
  readonly messages: readonly { readonly key: string /** In microseconds since 1970. */; readonly at: number }[];
}

/** Equal messages differ in their ordinal only. White space is shown in one way by the page and in another by Umnico's API. */
const classOf = (conversation: string, { direction, moment, content }: Said): string =>
  JSON.stringify([
    conversation,
    direction,
    new Date(moment.minute).toISOString().slice(0, 16),
    content.replace(/\s+/g, " ").trim(),
  ]);

const keyOf = (kind: string, ordinal: number): string =>
  createHash("sha256").update(`${kind}\n${ordinal}`).digest("hex").slice(0, 32);

/** Gives messages their keys: one after the other, oldest first, where all those of a minute are there. */
export class Keys {
  readonly #conversation: string;
  readonly #ordinals = new Map<string, number>();
  #minute: number | undefined;
  #place = 0;

  constructor(conversation: string) {
    this.#conversation = conversation;
  }

  of(said: Said): Keyed {
    const { minute } = said.moment;
    this.#place = minute === this.#minute ? this.#place + 1 : 0;
    this.#minute = minute;
    const kind = classOf(this.#conversation, said);
    const ordinal = this.#ordinals.get(kind) ?? 0;
    this.#ordinals.set(kind, ordinal + 1);
    return { said, key: keyOf(kind, ordinal), place: this.#place };
  }
}

/** What is known of a window besides its messages. */
export interface Surroundings {
  readonly newest: NewestMinute | undefined;
  /** Keys in quarantine: they are not stored, but known. */
  readonly aside: ReadonlySet<string>;
  /** It may begin in the middle of a minute, for all that the service says. */
  readonly cut: boolean;
}

/**
 * The keys of a window that begins anywhere. In the newest minute that is stored, its first messages are the last stored ones,
 * where they are equal; the others go on from there. In each older minute the stored messages end where the window's do, so that
 * equal ordinals mean equal messages.
 */
export function keysOfWindow(
  conversation: string,
  keyed: readonly Keyed[],
  surroundings: Surroundings,
): readonly Keyed[] {
  const { newest, aside } = surroundings;
  if (newest === undefined || keyed[0]?.said.moment.minute !== newest.minute) return keyed;
  const first = keyed.filter((one) => one.said.moment.minute === newest.minute && !aside.has(one.key));
  const moved = goOnFrom(conversation, first, newest, surroundings.cut);
  return keyed.map((one) => moved.get(one) ?? one);
}

function goOnFrom(
  conversation: string,
  first: readonly Keyed[],
  { messages }: NewestMinute,
  cut: boolean,
): Map<Keyed, Keyed> {
  const kinds = first.map(({ said }) => classOf(conversation, said));
  const { stored, next } = recognise(kinds, messages);
  const overlap = align(kinds, stored);
  const holdsAll = isWithin(stored, kinds);
  if (cut ? overlap === 0 && holdsAll : overlap === 0 || holdsAll) return new Map();
  const from = messages.length - overlap;
  return new Map(
    first.map((one, index) => {
      const known = index < overlap ? messages[from + index] : undefined;
      const kind = kinds[index] ?? "";
      const ordinal = next.get(kind) ?? 0;
      if (known === undefined) next.set(kind, ordinal + 1);
      return [one, { said: one.said, key: known?.key ?? keyOf(kind, ordinal), place: from + index }] as const;
    }),
  );
}

/** What the stored messages are, told by their keys (their texts may have been edited), and the first ordinal that none has. */
function recognise(kinds: readonly string[], messages: NewestMinute["messages"]) {
  const places = new Map(messages.map(({ key }, place) => [key, place]));
  const stored: (string | undefined)[] = messages.map(() => undefined);
  const next = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  for (const [kind, count] of counts) {
    let free = 0;
    for (let ordinal = 0; ordinal < free + count; ordinal++) {
      const place = places.get(keyOf(kind, ordinal));
      if (place === undefined) continue;
      stored[place] = kind;
      free = ordinal + 1;
    }
    next.set(kind, free);
  }
  return { stored, next };
}
