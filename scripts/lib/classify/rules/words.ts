/** Text as words, in one pass over its characters. */
import {
  CLAUSE_MARK,
  classOf,
  EMOJI,
  isHighSurrogate,
  isSpace,
  LETTER,
  LINE_END,
  QUESTION,
  SENTENCE_MARK,
} from "./characters.ts";

/** What stands before a word: nothing of weight, a comma or its like, the end of a sentence or line. */
export const NO_BREAK = 0;
export const CLAUSE = 1;
export const SENTENCE = 2;

/** What stands for an address of the web, and for a question mark. Emoji are words, too. */
export const LINK = "<link>";
export const QUESTION_MARK = "?";

const ENDINGS = new Map([
  ["'re", "are"],
  ["'ve", "have"],
  ["'ll", "will"],
  ["'d", "would"],
  ["'m", "am"],
]);
/** One word or two. */
type Contraction = readonly [string, (string | undefined)?];
/** What the endings don't tell: 's is "is" after some words only, and what people write without an apostrophe. */
const CONTRACTIONS = new Map<string, Contraction>([
  ...["it's", "that's", "what's", "where's", "there's", "he's", "she's", "who's", "how's", "here's", "when's"].map(
    (word) => [word, [word.slice(0, -2), "is"]] as const,
  ),
  ...["do", "does", "did", "is", "are", "was", "has", "have", "could", "would", "should"].map(
    (verb) => [`${verb}nt`, [verb, "not"]] as const,
  ),
  ...["can't", "cant", "cannot"].map((word) => [word, ["can", "not"]] as const),
  ...["won't", "wont"].map((word) => [word, ["will", "not"]] as const),
  ...["thats", "whats", "wheres"].map((word) => [word, [word.slice(0, -1), "is"]] as const),
]);

/** One side's words. The three lists are of one length. */
export interface Words {
  readonly words: string[];
  readonly breaks: number[];
  /** By word, the index of its line in the chat. */
  readonly lines: number[];
}

export const noWords = (): Words => ({ words: [], breaks: [], lines: [] });

/** Rare enough to be looked for first; a letter and its accent may be two characters. */
const UNUSUAL = /[ё’ʼ]|\p{M}/u;

/** As phrases and texts are compared: small letters, е for ё, a straight apostrophe. */
export function normalize(text: string): string {
  const small = text.toLowerCase();
  if (!UNUSUAL.test(small)) return small;
  return small.normalize("NFC").replaceAll("ё", "е").replaceAll(/[’ʼ]/g, "'");
}

/** True for what is more than a mark or an emoji. */
export const isSpoken = (word: string): boolean => classOf(word.charCodeAt(0)) === LETTER;

/** Adds a line's words. */
export function addWords(into: Words, line: string, index: number): void {
  const text = normalize(line);
  let before = SENTENCE;
  for (let at = 0; at < text.length; ) {
    const start = at;
    const found = classOf(text.charCodeAt(at++));
    if (found === LETTER) {
      at = wordEnd(text, at);
      const link = isLink(text, start, at);
      if (link) at = spaceAfter(text, at);
      addWord(into, link ? LINK : text.slice(start, at), before, index);
      before = NO_BREAK;
    } else if (found === EMOJI) {
      if (isHighSurrogate(text.charCodeAt(start))) at++;
      add(into, text.slice(start, at), before, index);
      before = NO_BREAK;
    } else if (found === QUESTION) {
      add(into, QUESTION_MARK, before, index);
      before = SENTENCE;
    } else if (found === SENTENCE_MARK || found === LINE_END) before = SENTENCE;
    else if (found === CLAUSE_MARK || isDash(text, start)) before = Math.max(before, CLAUSE);
  }
}

function add({ words, breaks, lines }: Words, word: string, before: number, line: number): void {
  words.push(word);
  breaks.push(before);
  lines.push(line);
}

/** "doesn't" and "doesnt" are read as "does not", "you're" as "you are": phrases need but one spelling. */
function addWord(into: Words, word: string, before: number, line: number): void {
  const [first, second] = isAscii(word) ? (CONTRACTIONS.get(word) ?? takenApart(word)) : [word];
  add(into, first, before, line);
  if (second !== undefined) add(into, second, NO_BREAK, line);
}

const isAscii = (word: string): boolean => word.charCodeAt(0) < 0x80;

function takenApart(word: string): Contraction {
  const at = word.indexOf("'");
  if (at === -1) return [word];
  return word.endsWith("n't") ? [word.slice(0, -3), "not"] : [word.slice(0, at), ENDINGS.get(word.slice(at))];
}

/** An apostrophe between letters belongs to the word. */
function wordEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at); // NaN at the end
    if (classOf(code) === LETTER) at++;
    else if (code === 0x27 && classOf(text.charCodeAt(at + 1)) === LETTER) at += 2;
    else return at;
  }
}

/** `https://…`, `www.…`, and a name with a dot before and a slash after it: `t.me/…`. */
function isLink(text: string, start: number, end: number): boolean {
  if (text.startsWith("://", end)) return text.startsWith("http", start);
  if (text[end] === ".") return end - start === 3 && text.startsWith("www", start);
  return text[end] === "/" && text[start - 1] === "." && !/\d/.test(text[start] ?? "");
}

function spaceAfter(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** A hyphen after a space separates clauses; within a word it does not. */
const isDash = (text: string, at: number): boolean => text[at] === "-" && isSpace(text.charCodeAt(at - 1));
