/** The messages of an answer, oldest first. */
import { createHash } from "node:crypto";
import type { ItemError } from "../../page.ts";
import { inStretches } from "../../stretches.ts";
import { quarantineKey } from "../../thread.ts";
import { type Draft, draftOf } from "./drafts.ts";
import { type Moment, momentOf } from "./times.ts";

const SHOWN_CHARACTERS = 40; // of a time that can't be read

/** A message that could be read. */
export interface Said extends Omit<Draft, "time"> {
  readonly moment: Moment;
}

export interface Items {
  readonly said: readonly Said[];
  /** How many have neither a text nor an attachment. */
  readonly empty: number;
  readonly refused: readonly ItemError[];
}

/** Reads the items of a dialog one by one; what can't be read is refused under a key that follows from what it is. */
export async function readItems(dialog: string, data: readonly unknown[], zone: string): Promise<Items> {
  const said: Said[] = [];
  const refused: ItemError[] = [];
  const keys = new UnreadKeys(dialog);
  let empty = 0;
  await inStretches(data, (item) => {
    const one = readItem(dialog, item, zone);
    if (one === "empty") empty += 1;
    else if ("code" in one) refused.push({ key: keys.next(item), ...one });
    else said.push(one);
  });
  return { said: oldestFirst(said), empty, refused };
}

function readItem(dialog: string, item: unknown, zone: string): Said | "empty" | Omit<ItemError, "key"> {
  const draft = draftOf(item);
  if ("complaint" in draft) return { code: "SHAPE", message: `a message of an unknown shape: ${draft.complaint}` };
  if (draft.dialog !== "" && draft.dialog !== dialog)
    return { code: "OTHER_DIALOG", message: "a message that belongs to another dialog" };
  const { time, ...rest } = draft;
  if (rest.content === "") return "empty";
  const moment = momentOf(time, zone);
  if (moment !== undefined) return { ...rest, moment };
  const shown = JSON.stringify([...String(time)].slice(0, SHOWN_CHARACTERS).join(""));
  return { code: "TIME", message: `a message whose time can't be read: ${shown}` };
}

/** Without the seconds of all, the order within a minute is the source's; a list that begins with the newest is turned round. */
function oldestFirst(said: readonly Said[]): readonly Said[] {
  const allExact = said.every(({ moment }) => moment.exact !== undefined);
  const timeOf = ({ moment: { minute, exact } }: Said): number => (allExact ? (exact ?? minute) : minute);
  const [first, last] = [said[0], said.at(-1)];
  const turned = first !== undefined && last !== undefined && timeOf(first) > timeOf(last) ? said.toReversed() : said;
  return turned.toSorted((a, b) => timeOf(a) - timeOf(b));
}

/** The keys of items that can't be read: what they say, and the ordinal among equals. */
class UnreadKeys {
  readonly #dialog: string;
  readonly #seen = new Map<string, number>();

  constructor(dialog: string) {
    this.#dialog = dialog;
  }

  next(item: unknown): string {
    const digest = digestOf(item);
    const ordinal = this.#seen.get(digest) ?? 0;
    this.#seen.set(digest, ordinal + 1);
    return quarantineKey(this.#dialog, `unread-${digest}-${ordinal}`);
  }
}

/** Its place in the window is left out: it changes with every message. */
function digestOf(item: unknown): string {
  const fields = item !== null && typeof item === "object" ? Object.entries(item) : [["", item]];
  const kept = fields.filter(([name]) => name !== "index").sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(kept)).digest("hex").slice(0, 32);
}
