/** Text as words, in one pass over its characters: no expression that hostile text could slow down. */

/** What stands before a word: nothing of weight, a comma or its like, the end of a sentence or line. */
export const NO_BREAK = 0;
export const CLAUSE = 1;
export const SENTENCE = 2;

/** What stands for an address of the web, and for a question mark. Emoji are words, too. */
export const LINK = "<link>";
export const QUESTION_MARK = "?";

const SPACE = 1;
const LETTER = 2;
const CLAUSE_MARK = 3;
const SENTENCE_MARK = 4;
const QUESTION = 5;
const EMOJI = 6;
const LINE_END = 7;
const IGNORED = 8;
/** By UTF-16 unit; 0 is not known yet. */
const CLASSES = new Uint8Array(0x1_0000);

const ENDINGS = new Map([
  ["'re", "are"],
  ["'ve", "have"],
  ["'ll", "will"],
  ["'d", "would"],
  ["'m", "am"],
]);
/** What the endings don't tell: 's is "is" after some words only, and what people write without an apostrophe. */
const CONTRACTIONS = new Map<string, readonly string[]>([
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

/** As phrases and texts are compared: small letters, е for ё, a straight apostrophe. */
export const normalize = (text: string): string =>
  text.normalize("NFC").toLowerCase().replaceAll("ё", "е").replaceAll("’", "'").replaceAll("ʼ", "'");

/** True for what is more than a mark or an emoji. */
export const isSpoken = (word: string): boolean => classOf(word.charCodeAt(0)) === LETTER;

/** Adds a line's words. */
export function addWords(into: Words, line: string, index: number): void {
  const text = normalize(line);
  let before = SENTENCE;
  const add = (word: string) => {
    into.words.push(word);
    into.breaks.push(before);
    into.lines.push(index);
    before = word === QUESTION_MARK ? SENTENCE : NO_BREAK;
  };
  for (let at = 0; at < text.length; ) {
    const start = at;
    const found = classOf(text.charCodeAt(at++));
    if (found === LETTER) {
      at = wordEnd(text, at);
      const link = isLink(text, start, at);
      if (link) at = spaceAfter(text, at);
      if (link) add(LINK);
      else for (const word of wordsOf(text.slice(start, at))) add(word);
    } else if (found === EMOJI) {
      if (isHighSurrogate(text.charCodeAt(start))) at++;
      add(text.slice(start, at));
    } else if (found === QUESTION) add(QUESTION_MARK);
    else if (found === SENTENCE_MARK || found === LINE_END) before = SENTENCE;
    else if (found === CLAUSE_MARK || isDash(text, start)) before = Math.max(before, CLAUSE);
  }
}

/** "doesn't" and "doesnt" are read as "does not", "you're" as "you are": phrases need but one spelling. */
function wordsOf(word: string): readonly string[] {
  const known = CONTRACTIONS.get(word);
  if (known !== undefined) return known;
  const at = word.indexOf("'");
  if (at === -1) return [word];
  if (word.endsWith("n't")) return [word.slice(0, -3), "not"];
  const ending = ENDINGS.get(word.slice(at));
  return ending === undefined ? [word.slice(0, at)] : [word.slice(0, at), ending];
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
  return text[end] === "/" && text[start - 1] === ".";
}

function spaceAfter(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isSpace(text.charCodeAt(at))) at++;
  return at;
}

const isSpace = (code: number): boolean => classOf(code) === SPACE || classOf(code) === LINE_END;

/** A hyphen after a space separates clauses; within a word it does not. */
const isDash = (text: string, at: number): boolean => text[at] === "-" && isSpace(text.charCodeAt(at - 1));

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code < 0xdc00;

function classOf(code: number): number {
  if (Number.isNaN(code)) return 0;
  const known = CLASSES[code];
  if (known !== 0 && known !== undefined) return known;
  const found = classify(String.fromCharCode(code));
  CLASSES[code] = found;
  return found;
}

function classify(character: string): number {
  if (/[\uFE0F\u20E3]/.test(character)) return IGNORED; // parts of an emoji
  if (/[\p{L}\p{N}\p{M}_]/u.test(character)) return LETTER;
  if (/[\n\r\u2028\u2029]/.test(character)) return LINE_END;
  if (/\s/.test(character)) return SPACE;
  if (/[.!…。]/.test(character)) return SENTENCE_MARK;
  if (/[?？؟]/.test(character)) return QUESTION;
  if (/[,;:()[\]{}"«»“”„—–]/.test(character)) return CLAUSE_MARK;
  return isHighSurrogate(character.charCodeAt(0)) || /\p{Extended_Pictographic}/u.test(character) ? EMOJI : IGNORED;
}
