/**
 * Walks a store's stream of events, page by page, until the service says that there is no more. Whether `next` includes its own
 * millisecond is not documented: both are understood. What would go round in a circle, or skip events, is an error.
 */
import type { Api } from "../../http/api.ts";
import { errorsText } from "./chats.ts";
import { timeOf } from "./message.ts";
import { fieldsOf } from "./names.ts";
import { StoreFailed } from "./steps.ts";
import { EVENTS, type EventsFrame } from "./wire.ts";

const PATH = "/api/v1/seller/events";
/** No service cuts its pages shorter than this: a shorter one was not cut. */
const FEWEST_IN_A_CUT_PAGE = 10;
/** So many events in one millisecond are a page that was cut, not the last ones. */
const MOST_IN_A_MILLISECOND = 100;

export interface EventPage {
  readonly events: readonly unknown[];
  /** Where to go on. */
  readonly next: string;
}

export interface Walk {
  /** The first request carries no `next` without it. */
  readonly from?: string | undefined;
  /** Whether one more page may be asked for; called once before each. */
  readonly mayAsk: () => boolean;
  /** Waits as long as is due after so many pages. */
  readonly rest: (pages: number) => Promise<void>;
}

/** The pages that hold events. "end": the service has no more; "stopped": `mayAsk` said so. */
export async function* eventPages(
  api: Api,
  { from, mayAsk, rest }: Walk,
): AsyncGenerator<EventPage, "end" | "stopped"> {
  let sent = from;
  let before = new Set<unknown>();
  let largest = 0;
  for (let pages = 1; ; pages++) {
    if (!mayAsk()) return "stopped";
    const { result, errors } = await api.get(PATH, EVENTS, sent === undefined ? {} : { next: sent });
    if (errors != null && errors.length > 0)
      throw new StoreFailed("ERRORS", `events came with errors: ${errorsText(errors)}`);
    const events = result.events ?? [];
    const next = nextOf(result, sent);
    if (events.length === 0 && !((result.totalEvents ?? 0) > 0 && isLater(next, sent))) return checkedEnd(result);
    if (next === undefined) throw new StoreFailed("NEXT", "events came without a next that can be asked for");
    const border = sent !== undefined && events.every((event) => timeOf(event) === Number(sent));
    if (!border && events.length > 0 && events.every((event) => before.has(idOf(event))))
      throw new StoreFailed("REPEATED", `the events at next=${sent ?? "(none)"} came twice`);
    if (isLater(next, sent)) {
      yield { events, next };
    } else {
      if (!border || isCut(events.length, largest))
        throw new StoreFailed("NEXT", `events came, but next does not advance: ${sent} is followed by ${next}`);
      yield { events, next };
      return "end";
    }
    before = new Set(events.map(idOf));
    largest = Math.max(largest, events.length);
    sent = next;
    await rest(pages);
  }
}

/** What may be sent: never 0, which the service refuses. */
function nextOf({ next }: EventsFrame["result"], sent: string | undefined): string | undefined {
  if (next == null) return undefined;
  return Number(next) > 0 ? String(next) : sent;
}

const isLater = (next: string | undefined, sent: string | undefined): boolean =>
  next !== undefined && (sent === undefined || BigInt(next) > BigInt(sent));

/** A page without events ends the stream, unless it says that there are some. */
function checkedEnd({ totalEvents }: EventsFrame["result"]): "end" {
  if ((totalEvents ?? 0) > 0)
    throw new StoreFailed("NEXT", `${totalEvents} events are announced, but none came, and next does not advance`);
  return "end";
}

/** Whether a page that holds only the events of the millisecond that was asked for may have been cut within it. */
const isCut = (length: number, largest: number): boolean =>
  length >= FEWEST_IN_A_CUT_PAGE &&
  length >= Math.min(largest === 0 ? MOST_IN_A_MILLISECOND : largest, MOST_IN_A_MILLISECOND);

/** What has no id is called by all that it holds. */
const idOf = (event: unknown): unknown => fieldsOf(event).eventID ?? JSON.stringify(event);
