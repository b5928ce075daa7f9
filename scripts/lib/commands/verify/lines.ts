import type { CheckResult } from "../../checks.ts";
import { formatCount } from "../../report/format.ts";
import { lineWidth, wrap } from "../lines.ts";
import { shownOf, toLines } from "./table.ts";

const INDENT = "  ";

/** How a check came out. */
export type Word = "ok" | "FAILED" | "warning" | "COULD NOT RUN";

/** Wide enough for all but the last, which is rare and loud. */
const WORD_WIDTH = "warning".length;

/** A check as the document has it. */
export const documentOf = (check: CheckResult, verbose: boolean): object => ({
  name: check.name,
  severity: check.severity,
  result: wordOf(check),
  count: check.count,
  rows: check.rows.map((row) => shownOf(row, verbose)),
  ...(check.error === undefined ? {} : { error: check.error }),
});

/** How a check came out, in a word. */
export function wordOf({ count, error, failed }: CheckResult): Word {
  if (error !== undefined) return "COULD NOT RUN";
  if (failed) return "FAILED";
  return count > 0 ? "warning" : "ok";
}

/** "10 of 11 checks hold, 1 failed, 2 warn". */
export function sumOf(checks: readonly CheckResult[]): string {
  const count = (...words: Word[]) => checks.filter((check) => words.includes(wordOf(check))).length;
  const parts = [
    `${formatCount(count("ok", "warning"))} of ${formatCount(checks.length)} checks hold`,
    ...told(count("FAILED"), "failed"),
    ...told(count("COULD NOT RUN"), "could not run"),
    ...told(count("warning"), "with a warning"),
  ];
  return parts.join(", ");
}

const told = (count: number, words: string): string[] => (count === 0 ? [] : [`${formatCount(count)} ${words}`]);

/** A check's word and name, how many rows it found, and the first of them. */
export function linesOf(
  check: CheckResult,
  { verbose, width = lineWidth() }: { readonly verbose: boolean; readonly width?: number },
): string[] {
  const { name, count, rows, error } = check;
  const word = INDENT + wordOf(check).padEnd(WORD_WIDTH);
  const indent = " ".repeat(INDENT.length + WORD_WIDTH + INDENT.length);
  const text = error === undefined ? `${name}${count === 0 ? "" : `: ${formatCount(count)}`}` : `${name}: ${error}`;
  const [first = "", ...others] = wrap(text, indent, width);
  const heads =
    word.length < indent.length ? [word + first.slice(word.length), ...others] : [word, ...wrap(text, indent, width)];
  if (rows.length === 0) return heads;
  const shown = rows.map((row) => shownOf(row, verbose));
  const more = count > rows.length ? [`and ${formatCount(count - rows.length)} more`] : [];
  return [...heads, ...[...toLines(shown, width - indent.length), ...more].map((line) => indent + line)];
}
