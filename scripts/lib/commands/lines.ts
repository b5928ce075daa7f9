/** Lines that fit the terminal. */

/** Of a terminal that does not say how wide it is, and of a pipe. */
const USUAL_WIDTH = 80;

/** Escape sequences in a stored text must not reach the terminal, nor what turns the direction of the text after it. */
const CONTROLS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** How many characters a line may have. */
export const lineWidth = (): number => process.stdout.columns || process.stderr.columns || USUAL_WIDTH;

/** A stored text on one line, without what a terminal would obey. */
export const onOneLine = (text: string): string => text.replace(CONTROLS, " ").replace(/\s+/g, " ").trim();

/** Cuts a text into lines, between words where it can; each begins with the indent, or with the text's own. */
export function wrap(text: string, given = "", width = lineWidth()): string[] {
  const indent = given + /^ */.exec(text)?.[0];
  const room = Math.max(1, width - indent.length);
  const lines: string[] = [];
  let line: string[] = [];
  for (const word of text.trimStart().split(" ")) {
    let rest = [...word];
    if (line.length > 0 && line.length + 1 + rest.length <= room) {
      line.push(" ", ...rest);
      continue;
    }
    if (line.length > 0) lines.push(line.join(""));
    for (; rest.length > room; rest = rest.slice(room)) lines.push(rest.slice(0, room).join(""));
    line = rest;
  }
  return [...lines, line.join("")].map((one) => indent + one);
}
