import type { Keyed, Surroundings } from "./keys.ts";

const MICROSECONDS = 1_000; // of a millisecond
const LAST_SECOND = 59;
const MINUTE = 60_000 * MICROSECONDS;

/** Where the first minute may have begun before the window: room for what came before. */
const ROOM_SECONDS = 30;

/**
 * The times of messages, in microseconds since 1970. Where the source tells no seconds, the place within the minute stands for
 * them; what would fall on one instant, or before what is stored already, follows it by a microsecond, so that the order stays.
 */
export function timesOf(keyed: readonly Keyed[], { newest, cut }: Pick<Surroundings, "newest" | "cut">): number[] {
  const stored = new Map(newest?.messages.map(({ key, at }) => [key, at]));
  const first = keyed[0]?.said.moment.minute;
  const room = cut && first !== newest?.minute ? ROOM_SECONDS : 0;
  let last = Number.NEGATIVE_INFINITY;
  return keyed.map(({ said: { moment }, key, place }) => {
    const at = stored.get(key) ?? free(moment, moment.minute === first ? place + room : place, last);
    last = Math.max(last, at);
    return at;
  });
}

function free({ minute, exact }: Keyed["said"]["moment"], place: number, last: number): number {
  if (exact !== undefined) {
    const at = exact * MICROSECONDS;
    return last >= at && last < at + MICROSECONDS ? last + 1 : at;
  }
  const start = minute * MICROSECONDS;
  const at = start + Math.min(place, LAST_SECOND) * 1_000 * MICROSECONDS;
  return Math.min(Math.max(at, last + 1), start + MINUTE - 1);
}

/** ISO 8601 with every digit. */
export function timeText(at: number): string {
  const ms = Math.floor(at / MICROSECONDS);
  const rest = at - ms * MICROSECONDS;
  const iso = new Date(ms).toISOString();
  return rest === 0 ? iso : iso.replace("Z", `${String(rest).padStart(3, "0")}Z`);
}
