/** A table, on the terminal and in a page alike. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences beneath it. */
  readonly notes?: readonly string[];
}

const GAP = "  ";

/** For the terminal: the first column to the left, the others to the right. */
export function toText({ title, head, rows, notes = [] }: Table): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join(GAP)
      .trimEnd();
  return [title, ...[head, ...rows].map(lineOf), ...notes].join("\n");
}

/** As Markdown, under a heading of its own. */
export function toMarkdown({ title, head, rows, notes = [] }: Table): string {
  const lineOf = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = head.map((_, column) => (column === 0 ? "---" : "--:"));
  const table = [head, rule, ...rows].map(lineOf).join("\n");
  return [`### ${title}`, table, ...notes].join("\n\n");
}
