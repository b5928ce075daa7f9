/** The pages of `--retry-errors`: each quarantined dialog and message anew, out of what the service gives now. */
import { Refusals } from "../../lib/http/refusals.ts";
import { isShortened, storableKey } from "../../lib/item-key.ts";
import type { ReadDialog } from "../../lib/sources/umnico/dialog.ts";
import type { Dialog } from "../../lib/sources/umnico/dialogs.ts";
import { withPauses } from "../../lib/sources/umnico/pauses.ts";
import { type Asking, type DialogsSource, isGone, readPatiently } from "../../lib/sources/umnico/source.ts";
import type { Ended } from "../../lib/task.ts";
import { type Fetched, namesIn, pageOf, type Stored, type ThreadPage } from "../../lib/thread.ts";

const CURSOR = { after: null };
const NOT_SHOWN = { code: "NOT_SHOWN", message: "not in what the service shows of its dialog" };

/** Pages for these keys; none for those whose dialogs are gone. Whatever `--recent` says, the whole dialog is asked for. */
export async function* retriedPages(source: DialogsSource, keys: readonly string[]): AsyncGenerator<ThreadPage, Ended> {
  const listed = new Map((await source.list()).dialogs.map((dialog) => [storableKey(dialog.id), dialog]));
  const reading = { ...source, recent: false, api: withPauses(source.api, source) };
  const refusals = new Refusals();
  const pageWith = (part: Omit<Fetched, "cursor">): ThreadPage =>
    pageOf([{ ...part, cursor: CURSOR }], { start: CURSOR, cursor: CURSOR, counters: source.usage() });
  for (const [id, wanted] of keysByDialog(keys, listed)) {
    const dialog = listed.get(id);
    const shortened = wanted.filter(isShortened);
    // Which dialog such a key belongs to can't be told: it must not be taken for gone.
    if (dialog === undefined && shortened.length > 0)
      yield pageWith({ refused: shortened.map((key) => ({ key, ...NOT_SHOWN })) });
    if (dialog === undefined) continue;
    for (const part of await retriedDialog(reading, dialog, wanted, refusals)) yield pageWith(part);
  }
  yield pageWith({});
  return "end";
}

/** A dialog's own key is its id; a message's begins with it. */
function keysByDialog(keys: readonly string[], listed: ReadonlyMap<string, Dialog>): Map<string, string[]> {
  const dialogs = new Map<string, string[]>();
  for (const key of keys) {
    const id = listed.has(key) ? key : (namesIn(key)[0] ?? "");
    dialogs.set(id, [...(dialogs.get(id) ?? []), key]);
  }
  return dialogs;
}

type Part = Omit<Fetched, "cursor">;

/** What becomes of the keys of one dialog, each part a page of its own. */
async function retriedDialog(
  source: Asking,
  dialog: Dialog,
  keys: readonly string[],
  refusals: Refusals,
): Promise<Part[]> {
  try {
    const read = await readPatiently(source, dialog);
    refusals.ok();
    return partsOf(read, keys, (stored) => source.voice.read(dialog, stored));
  } catch (error) {
    if (isGone(error)) return [];
    const reason = refusals.refuse(error, dialog.id);
    return [{ refused: keys.map((key) => ({ ...reason, key })) }];
  }
}

/**
 * A message that can't be found any more may be there under another key, with a time that can be read now: so the rest of the
 * dialog is stored, unless it may not be whole. Messages that are found are tried alone.
 */
function partsOf(
  { thread, refused, empty, whole }: ReadDialog,
  keys: readonly string[],
  line: (stored: Stored) => string,
) {
  const wanted = new Set(keys);
  const again = refused.filter(({ key }) => wanted.has(key));
  const alone = thread.messages.filter(({ key }) => wanted.has(key));
  for (const { key } of [...again, ...alone]) wanted.delete(key);
  const doubtful = [...wanted].filter((key) => key !== thread.key && !whole);
  const settles = [...wanted].filter((key) => !doubtful.includes(key));
  const parts: Part[] = [];
  const stay = [...again, ...doubtful.map((key) => ({ key, ...NOT_SHOWN }))];
  if (stay.length > 0) parts.push({ refused: stay });
  if (settles.length > 0)
    parts.push({
      thread: { ...thread, messages: thread.messages.filter((message) => !alone.includes(message)) },
      refused: refused.filter((error) => !again.includes(error)),
      skipped: { empty },
      counters: { dialogsTotal: 1, dialogsProcessed: 1 },
      ifRefused: { counters: { dialogsTotal: 1 } },
      settles,
      line,
    });
  for (const message of alone)
    parts.push({ thread: { ...thread, coverage: { kind: "unknown" }, messages: [message] } });
  return parts;
}
