import { DateTime, IANAZone } from "luxon";

const RUSSIAN = /^(\d{1,2})\.(\d{1,2})\.(\d{4}),?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
/** Only whole ones: a date or a time alone is none, though luxon would complete it with today's. */
const ISO = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?<seconds>:\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?$/i;
const UNIX = /^\d{9,13}$/;

/** Unix times below this are seconds (until the year 5138), above it milliseconds (since 1973). */
const FIRST_MILLISECONDS = 100_000_000_000;

const MINUTE_MS = 60_000;

/** When a message was sent. */
export interface Moment {
  /** The beginning of its minute, in milliseconds since 1970. */
  readonly minute: number;
  /** With its seconds, where the source tells them. */
  readonly exact?: number;
}

/** Reads a time; one without a zone of its own is meant in `zone`. Undefined where it can't be read: it is never guessed. */
export function momentOf(value: string | number | null | undefined, zone: string): Moment | undefined {
  const text = String(value ?? "").trim();
  const [, day, month, year, hour, minute, second] = RUSSIAN.exec(text) ?? [];
  if (day !== undefined) {
    const fields = { day, month, year, hour, minute, second: second ?? 0 };
    const numbers = Object.fromEntries(Object.entries(fields).map(([name, digits]) => [name, Number(digits)]));
    return toMoment(DateTime.fromObject(numbers, { zone }), second !== undefined);
  }
  const iso = ISO.exec(text);
  if (iso !== null)
    return toMoment(DateTime.fromISO(text.replace(" ", "T"), { zone }), iso.groups?.seconds !== undefined);
  if (UNIX.test(text) && Number(text) > 0) {
    const number = Number(text);
    return toMoment(DateTime.fromMillis(number < FIRST_MILLISECONDS ? number * 1_000 : number), true);
  }
  return undefined;
}

function toMoment(time: DateTime, hasSeconds: boolean): Moment | undefined {
  if (!time.isValid) return undefined;
  const ms = time.toMillis();
  const minute = Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  return hasSeconds ? { minute, exact: ms } : { minute };
}

/** Whether there is a time zone of this name. */
export const isZone = (name: string): boolean => IANAZone.isValidZone(name);
