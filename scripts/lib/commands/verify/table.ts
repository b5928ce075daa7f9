/** Rows of a check, or of what a rollback keeps, as lines that fit the terminal. */
import { excerpt } from "../../report/format.ts";
import { onOneLine } from "../lines.ts";

/** What a customer or an agent wrote: never shown unless it is asked for. */
const TEXTS = /^(content|text|payload|metadata|value|state_metadata|last_message_preview)$/;

/** Written by the checks for psql's sake. */
const OWN_COLUMN = "check";

const GAP = "  ";
/** Characters of a cell. */
const LEAST = 6;
const MOST = 200;

type Row = Readonly<Record<string, unknown>>;

/** The row without what is not to be shown. */
export function shownOf(row: Row, verbose: boolean): Row {
  const shown = Object.entries(row).filter(([name]) => name !== OWN_COLUMN && (verbose || !TEXTS.test(name)));
  return Object.fromEntries(shown);
}

/** Aligned, under a head; where the whole is wider than `width`, the widest columns are cut. */
export function toLines(rows: readonly Row[], width: number): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) =>
    rows.some((row) => textOf(row[name]) !== ""),
  );
  const table = [names, ...rows.map((row) => names.map((name) => textOf(row[name])))];
  const widths = names.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  narrow(widths, width);
  return table.map((cells) =>
    cells
      .map((cell, column) => excerpt(cell, widths[column] ?? 0).padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

function narrow(widths: number[], width: number): void {
  for (;;) {
    const widest = widths.indexOf(Math.max(...widths));
    const total = widths.reduce((sum, one) => sum + one + GAP.length, -GAP.length);
    if (total <= width || (widths[widest] ?? 0) <= LEAST) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  return excerpt(onOneLine(typeof value === "object" ? JSON.stringify(value) : String(value)), MOST);
}
