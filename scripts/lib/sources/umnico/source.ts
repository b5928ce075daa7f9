/** All dialogs, one after the other: the service has one page for all, so that it is asked strictly one thing at a time. */
import type { Api } from "../../http/api.ts";
import { ItemRefused } from "../../http/errors.ts";
import { Refusals } from "../../http/refusals.ts";
import type { Demand, ItemError } from "../../page.ts";
import type { Ended } from "../../task.ts";
import type { Fetched, Stored } from "../../thread.ts";
import { type ReadDialog, type Reading, readDialog } from "./dialog.ts";
import { compareIds, type Dialog, type Listed } from "./dialogs.ts";
import { withPauses } from "./pauses.ts";

/** What people read, in their language. */
export interface Voice {
  read(dialog: Dialog, stored: Stored): string;
  existing(dialog: Dialog): string;
  gone(dialog: Dialog): string;
  left(dialogs: number): string;
  /** The service takes long over it. */
  scrolling(dialog: Dialog): string;
}

export interface DialogsSource extends Reading {
  readonly usage: Api["usage"];
  readonly list: () => Promise<Listed>;
  readonly voice: Voice;
  /** Dialogs that are stored as a whole are not asked for. */
  readonly skipExisting: boolean;
  /** A list that may not be whole is only said to be so. */
  readonly allowPartial: boolean;
  /** Between two dialogs, in milliseconds. */
  readonly delayMs: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly waits: (reason: string | undefined) => void;
}

const LONG_MS = 5_000; // a dialog that takes longer is worth a word
const AGAIN = 500; // quarantined dialogs that are looked up at a time

/** The dialogs after this id. `demand.left` is how many of them may be asked for. */
export async function* umnicoDialogs(
  source: DialogsSource,
  after: string | null,
  demand: Pick<Demand, "left">,
): AsyncGenerator<Fetched, Ended> {
  const listed = await source.list();
  const ahead = listed.dialogs.filter(({ id }) => after === null || compareIds(id, after) > 0);
  const heading = headingOf(source, listed, after);
  if (heading !== undefined) yield heading;
  const refusals = new Refusals();
  const reading = { ...source, api: withPauses(source.api, source) };
  let refusedBefore: ReadonlyMap<string, ItemError> = new Map();
  for (const [index, dialog] of ahead.entries()) {
    if (index % AGAIN === 0) {
      const ids = ahead.slice(index, index + AGAIN).map(({ id }) => id);
      refusedBefore = await source.stored.quarantined(ids);
    }
    const known = refusedBefore.get(dialog.id);
    if (known !== undefined) yield stepOf(dialog, { refused: [known] });
    else if (source.skipExisting && (await isStored(source, dialog)))
      yield skipped(dialog, "existing", source.voice.existing(dialog));
    else {
      if (demand.left <= 0) {
        source.say(source.voice.left(ahead.length - index));
        return "limit";
      }
      demand.left -= 1;
      yield await fetchDialog(reading, dialog, refusals);
    }
  }
  return "end";
}

function headingOf({ allowPartial, say }: DialogsSource, listed: Listed, after: string | null): Fetched | undefined {
  const { doubt, withoutId } = listed;
  if (doubt !== undefined && allowPartial) say(`The list of dialogs may not be whole: ${doubt}.`);
  const problems = doubt === undefined || allowPartial ? [] : [{ key: "list", code: "PARTIAL", message: doubt }];
  const noId = after === null ? withoutId : 0;
  if (noId === 0 && problems.length === 0) return undefined;
  const counters = { dialogsTotal: noId, dialogsSkipped: noId };
  return { cursor: { after }, problems, ...(noId === 0 ? {} : { skipped: { noId }, counters }) };
}

/** One whose messages are not all there, or were not all asked for, is asked for again. */
async function isStored({ stored, recent }: DialogsSource, { id }: Dialog): Promise<boolean> {
  const found = await stored.find(id);
  return found !== undefined && found.partial === null && (found.window === null || recent);
}

/** What reading a dialog takes, and telling people where it takes long. */
export type Asking = Reading & Pick<DialogsSource, "voice" | "waits">;

async function fetchDialog(source: Asking, dialog: Dialog, refusals: Refusals): Promise<Fetched> {
  const { voice } = source;
  try {
    const read = await readPatiently(source, dialog);
    refusals.ok();
    return processed(dialog, read, (stored) => voice.read(dialog, stored));
  } catch (error) {
    if (isGone(error)) return skipped(dialog, "gone", voice.gone(dialog));
    return stepOf(dialog, { refused: [refusals.refuse(error, dialog.id)] });
  }
}

/** The service may scroll through a dialog for an hour before it answers: people are told what it is busy with. */
export async function readPatiently(source: Asking, dialog: Dialog): Promise<ReadDialog> {
  let told = false;
  const timer = setTimeout(() => {
    told = true;
    source.waits(source.voice.scrolling(dialog));
  }, LONG_MS);
  try {
    return await readDialog(source, dialog);
  } finally {
    clearTimeout(timer);
    if (told) source.waits(undefined);
  }
}

/** The service lists it, and does not have it. */
export const isGone = (error: unknown): boolean => error instanceof ItemRefused && error.status === 404;

const processed = (
  dialog: Dialog,
  { thread, empty, refused }: ReadDialog,
  line: (stored: Stored) => string,
): Fetched => ({
  ...stepOf(dialog, { thread, refused, line, skipped: { empty }, counters: { dialogsProcessed: 1 } }),
  ifRefused: { counters: { dialogsTotal: 1 } },
});

const skipped = (dialog: Dialog, reason: string, line: string): Fetched =>
  stepOf(dialog, { skipped: { [reason]: 1 }, counters: { dialogsSkipped: 1 }, line: () => line });

const stepOf = (dialog: Dialog, { counters, ...step }: Omit<Fetched, "cursor">): Fetched => ({
  ...step,
  counters: { dialogsTotal: 1, ...counters },
  cursor: { after: dialog.id },
});
