import type { Options as YargsOptions } from "yargs";
import { UserError } from "../errors.ts";

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

const valued = (coerce: (text: string) => unknown): YargsOptions => ({
  type: "string",
  requiresArg: true,
  coerce: (value: unknown) => (value === undefined ? undefined : coerce(String(value))),
});
