import type { Options as YargsOptions } from "yargs";
import { UserError } from "../errors.ts";

/** Milliseconds. */
const DURATIONS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** Bytes; powers of 1024 and spelt as in PostgreSQL's settings. */
const SIZES = { kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

type Units = Readonly<Record<string, number>>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** An option whose value is a whole number within bounds. */
export function wholeNumber(
  flag: string,
  { min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number },
): YargsOptions {
  const range = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
  return valued((text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new UserError(`${flag} takes a whole number ${range}, not "${text}".`);
    return value;
  });
}

/** An option whose value is a UUID. */
export const uuid = (flag: string): YargsOptions =>
  valued((text) => {
    if (!UUID.test(text))
      throw new UserError(`${flag} takes a UUID such as 1b4e28ba-2fa1-41d2-883f-0016d3cca427, not "${text}".`);
    return text.toLowerCase();
  });

/** An option whose value is a list of words out of a set, separated by commas. */
export const listOf = (flag: string, words: readonly string[]): YargsOptions =>
  valued((text) => {
    const chosen = [...new Set(text.split(",").map((word) => word.trim()))];
    const unknown = chosen.find((word) => !words.includes(word));
    if (unknown !== undefined)
      throw new UserError(`${flag} takes a list out of ${words.join(", ")}; "${unknown}" is none of them.`);
    return words.filter((word) => chosen.includes(word));
  });

/** An option whose value is one word out of a set. */
export const oneOf = (flag: string, words: readonly string[]): YargsOptions =>
  valued((text) => {
    if (!words.includes(text)) throw new UserError(`${flag} takes one of ${words.join(", ")}, not "${text}".`);
    return text;
  });

/** An option whose value is a length of time such as 500ms, 10s, 5m or 2h; read as milliseconds. */
export const duration = (flag: string): YargsOptions =>
  measured(DURATIONS, (text) => `${flag} takes a length of time such as 500ms, 10s, 5m or 2h, not "${text}".`);

/** An option whose value is a size such as 64kB, 500MB, 10GB or 1TB; read as bytes. */
export const byteSize = (flag: string): YargsOptions =>
  measured(SIZES, (text) => `${flag} takes a size such as 64kB, 500MB, 10GB or 1TB, not "${text}".`);

/** Milliseconds as one types them: 600000 → "10m". */
export const durationText = (ms: number): string => inUnits(ms, DURATIONS);

/** Bytes as one types them: 10737418240 → "10GB". */
export const byteSizeText = (bytes: number): string => inUnits(bytes, SIZES);

const measured = (units: Units, complaint: (text: string) => string): YargsOptions =>
  valued((text) => {
    const [, digits, unit = ""] = /^(\d+)([a-zA-Z]+)$/.exec(text) ?? [];
    const value = Number(digits) * (units[unit] ?? Number.NaN);
    if (!Number.isSafeInteger(value)) throw new UserError(complaint(text));
    return value;
  });

/** In the largest unit that leaves no rest. */
function inUnits(value: number, units: Units): string {
  const [smallest, ...larger] = Object.entries(units);
  const [unit, size] = larger.findLast(([, size]) => value >= size && value % size === 0) ?? smallest ?? ["", 1];
  return `${value / size}${unit}`;
}

const valued = (coerce: (text: string) => unknown): YargsOptions => ({
  type: "string",
  requiresArg: true,
  coerce: (value: unknown) => (value === undefined ? undefined : coerce(String(value))),
});
