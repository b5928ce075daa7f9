import { DateTime } from "luxon";

/** ISO 8601 as the service writes it; other forms that luxon knows, such as weeks, or offsets of a day, are not meant. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-](?:0\d|1[0-5]):[0-5]\d)?$/i;

export interface Time {
  /** Since 1970. */
  readonly ms: number;
  /** As it was written, with its zone. */
  readonly iso: string;
}

/** A time of the service, or undefined where it can't be read. Without a zone it is UTC, as all of the service's are. */
export function timeOf(value: unknown): Time | undefined {
  const [iso, zone] = (typeof value === "string" ? TIME.exec(value) : null) ?? [];
  if (iso === undefined) return undefined;
  const time = DateTime.fromISO(iso, { zone: "utc" });
  return time.isValid ? { ms: time.toMillis(), iso: zone === undefined ? `${iso}Z` : iso } : undefined;
}
