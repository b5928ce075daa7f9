/** Umnico's Playwright service, in both of its versions, on a real port: it answers one request at a time, and fails where two overlap. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Asked, type StandIn, startStandIn } from "./stand-in.ts";
import { answerOf, failure } from "./umnico-answers.ts";

/** What Umnico's page has loaded by itself. */
const WINDOW = 30;

export interface UmnicoMessage {
  readonly text: string;
  /** ISO 8601; shown as the service would. */
  readonly at: string;
  /** "incoming" unless given. */
  readonly direction?: "incoming" | "outgoing";
  readonly hasAttachments?: boolean;
  /** Shown instead of `at`, as it stands. */
  readonly datetime?: string | number | null;
  readonly channel?: string;
  readonly channelAccount?: string;
  /** Sent instead of all that. */
  readonly item?: unknown;
}

export interface UmnicoDialog {
  readonly id: string | null;
  /** What the list calls "phone": a phone, a nick or a name. */
  readonly phone?: string;
  /** "" hides the last message from the list. */
  readonly lastMessage?: string;
  readonly channelAccount?: string;
  readonly assignedTo?: string;
  readonly messages: readonly UmnicoMessage[];
  /** Fields of the answer with its messages, instead of what they would be. */
  readonly answer?: Readonly<Record<string, unknown>>;
  /** Answered with 404, though the list shows it. */
  readonly gone?: boolean;
}

export interface UmnicoOptions {
  readonly version?: 1 | 2;
  readonly dialogs?: readonly UmnicoDialog[];
  /** How the second version gives messages: as the page shows them, or as Umnico's API has them. */
  readonly raw?: boolean;
  /** "russian": DD.MM.YYYY HH:mm in Moscow; "iso" with seconds and zone. */
  readonly times?: "russian" | "iso" | "unix";
  /** How long an answer takes. */
  readonly answerMs?: number;
}

/** The service as a test sees it. Its fields may be changed while it runs. */
export interface Umnico extends StandIn {
  dialogs: UmnicoDialog[];
  version: 1 | 2;
  raw: boolean;
  times: "russian" | "iso" | "unix";
  answerMs: number;
  /** How many messages are loaded where not all are asked for. */
  window: number;
  /** Where scrolling up ends. */
  scrolled: number;
  /** Instead of what they would be. */
  health: Readonly<Record<string, unknown>>;
  list: Readonly<Record<string, unknown>>;
  /** Of which the paths hold this. */
  requests(part?: string): Asked[];
}

export async function startUmnico(options: UmnicoOptions = {}): Promise<Umnico> {
  const { version = 1, dialogs = [], raw = false, times = "russian", answerMs = 0 } = options;
  let busy = false;
  const standIn = await startStandIn(async (asked) => {
    // One browser page for all: whoever comes in between spoils both.
    if (busy) return failure("two requests at a time");
    busy = true;
    await sleep(umnico.answerMs);
    try {
      return answerOf(umnico, asked);
    } finally {
      busy = false;
    }
  });
  const umnico: Umnico = Object.assign(standIn, {
    dialogs: [...dialogs],
    version,
    raw,
    times,
    answerMs,
    window: WINDOW,
    scrolled: Number.POSITIVE_INFINITY,
    health: {},
    list: {},
    requests: (part = "") => standIn.asked.filter(({ path }) => path.includes(part)),
  });
  return umnico;
}
