import { onOneLine } from "../lines.ts";
import { type Hit, MARKS } from "./find.ts";

interface Letter {
  readonly text: string;
  readonly marked: boolean;
}

/** What stands before the first marked word has a third of the room. */
const BEFORE = 1 / 3;

/** A headline on one line of this width, with the first marked word in it; `mark` shows what is marked. */
export function snippetOf(
  { content, headline }: Pick<Hit, "content" | "headline">,
  width: number,
  mark: (words: string) => string,
): string {
  const letters = lettersOf(headline);
  const [whole, part] = [
    onOneLine(content),
    letters
      .map(({ text }) => text)
      .join("")
      .trim(),
  ];
  if (!whole.startsWith(part)) letters.unshift(...plain("… "));
  if (!whole.endsWith(part)) letters.push(...plain(" …"));
  const first = Math.max(
    0,
    letters.findIndex(({ marked }) => marked),
  );
  const end = Math.min(letters.length, Math.max(0, first - Math.floor(width * BEFORE)) + width);
  const start = Math.max(0, end - width);
  const shown = letters.slice(start, end);
  if (start > 0) shown.splice(0, 1, ...plain("…"));
  if (end < letters.length) shown.splice(-1, 1, ...plain("…"));
  return showMarks(shown, mark);
}

const plain = (text: string): Letter[] => [...text].map((letter) => ({ text: letter, marked: false }));

function lettersOf(headline: string): Letter[] {
  const letters: Letter[] = [];
  for (const part of headline.split(MARKS.start)) {
    const [inside = "", ...after] = part.split(MARKS.stop);
    const marked = after.length > 0;
    letters.push(...[...visible(inside)].map((text) => ({ text, marked })));
    letters.push(...plain(visible(after.join(""))));
  }
  return letters;
}

/** As `onOneLine`, but a blank at either end stays: it may part two words. */
const visible = (text: string): string => onOneLine(`|${text}|`).slice(1, -1);

function showMarks(letters: readonly Letter[], mark: (words: string) => string): string {
  let line = "";
  for (let at = 0; at < letters.length; ) {
    const { marked } = letters[at] ?? { marked: false };
    const next = letters.findIndex((letter, index) => index > at && letter.marked !== marked);
    const end = next < 0 ? letters.length : next;
    const words = letters
      .slice(at, end)
      .map(({ text }) => text)
      .join("");
    line += marked ? mark(words) : words;
    at = end;
  }
  return line;
}
