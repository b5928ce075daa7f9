import { readFileSync } from "node:fs";

/**
 * Reads a statement that stands in a file beside its module. `:name` in it is replaced by the part of that name, so that
 * several statements can be built over the same rows.
 */
export function readSql(url: URL, parts: Readonly<Record<string, string>> = {}): string {
  const text = readFileSync(url, "utf8").trimEnd();
  return text.replace(/(?<!:):([a-z_]+)\b/g, (whole, name: string) => parts[name] ?? whole);
}
