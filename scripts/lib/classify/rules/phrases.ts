/**
 * Finds many phrases in one walk over the words: the first words of all phrases are the branches of one tree, so that most
 * words of a text are done with after a few letters. What a word costs is bounded, whatever the text.
 */
import type { Phrases } from "./rule.ts";
import { NO_BREAK, normalize, SENTENCE, type Words } from "./words.ts";

/** How many other words `..` may stand for. */
const GAP_WORDS = 3;
/** How far back a negation still counts. */
const NEGATION_WORDS = 3;
const NEGATIONS = new Set("не нет ни без нету никаких not no never without".split(" "));

/** Whose phrases they are: its number is its place in the list. */
export interface Speaker {
  readonly phrases: Phrases;
  readonly negatable?: true | undefined;
}

/** The words that may stand in one place of a phrase. */
interface Part {
  readonly exact: ReadonlySet<string>;
  readonly beginnings: readonly string[];
  /** Other words may stand before it. */
  readonly gap: boolean;
}

interface Phrase {
  readonly speaker: number;
  readonly negatable: boolean;
  /** Only at the beginning of a clause. */
  readonly anchored: boolean;
  /** What follows the first word. */
  readonly rest: readonly Part[];
}

interface Node {
  readonly next: Map<number, Node>;
  /** Phrases whose first word ends here, and those whose first word only begins so. */
  readonly exact: Phrase[];
  readonly beginning: Phrase[];
}

export type Lexicon = Node;

const newNode = (): Node => ({ next: new Map(), exact: [], beginning: [] });

/** Puts the phrases of all speakers into one tree. Throws where a phrase is not well made. */
export function compilePhrases(speakers: readonly Speaker[]): Lexicon {
  const root = newNode();
  speakers.forEach(({ phrases, negatable = false }, speaker) => {
    for (const phrase of [phrases.ru, phrases.en].join("\n").split(/[;\n]/)) {
      const text = normalize(phrase).trim();
      if (text === "") continue;
      const [first, ...rest] = partsOf(text.replace(/^\^/, ""));
      if (first === undefined) continue;
      const entry = { speaker, negatable, anchored: text.startsWith("^"), rest };
      for (const word of first.exact) nodeOf(root, word).exact.push(entry);
      for (const beginning of first.beginnings) nodeOf(root, beginning).beginning.push(entry);
    }
  });
  return root;
}

function partsOf(text: string): Part[] {
  const words = text.split(/\s+/);
  if (words[0] === ".." || words.at(-1) === "..") throw new Error(`The phrase "${text}" begins or ends with a gap.`);
  return words.flatMap((word, index) => {
    if (word === "..") return [];
    const choices = word.split("|");
    const odd = choices.find(
      (choice) => !/^(?:[\p{L}\p{N}\p{M}_]+\*?|\?|<link>|\p{Extended_Pictographic}\uFE0F?)$/u.test(choice),
    );
    if (odd !== undefined) throw new Error(`The phrase "${text}" has the word "${odd}", which no text has.`);
    const [beginnings, exact] = [choices.filter(isBeginning), choices.filter((choice) => !isBeginning(choice))];
    return {
      exact: new Set(exact.map((choice) => choice.replace("\uFE0F", ""))),
      beginnings: beginnings.map((choice) => choice.slice(0, -1)),
      gap: words[index - 1] === "..",
    };
  });
}

const isBeginning = (choice: string): boolean => choice.endsWith("*");

function nodeOf(root: Node, letters: string): Node {
  let node = root;
  for (let at = 0; at < letters.length; at++) {
    const code = letters.charCodeAt(at);
    const next = node.next.get(code) ?? newNode();
    node.next.set(code, next);
    node = next;
  }
  return node;
}

/**
 * By speaker, the line where a phrase of it occurs last, or -1. It reads backwards, so that a speaker who was heard is done
 * with.
 */
export function findLast(lexicon: Lexicon, speakers: number, text: Words): Int32Array {
  const found = new Int32Array(speakers).fill(-1);
  for (let at = text.words.length - 1; at >= 0; at--) {
    const word = text.words[at] ?? "";
    const line = text.lines[at] ?? -1;
    let node: Node | undefined = lexicon;
    for (let letter = 0; node !== undefined; letter++) {
      for (const phrase of node.beginning) if (occurs(phrase, text, at, found)) found[phrase.speaker] = line;
      if (letter === word.length) {
        for (const phrase of node.exact) if (occurs(phrase, text, at, found)) found[phrase.speaker] = line;
        break;
      }
      node = node.next.get(word.charCodeAt(letter));
    }
  }
  return found;
}

function occurs({ speaker, anchored, negatable, rest }: Phrase, text: Words, at: number, found: Int32Array): boolean {
  if (found[speaker] !== -1) return false;
  if (anchored && text.breaks[at] === NO_BREAK) return false;
  return follows(rest, 0, text, at + 1) && !(negatable && isNegated(text, at));
}

/** True where the parts from `part` on stand at `at`, within the sentence. */
function follows(rest: readonly Part[], part: number, text: Words, at: number): boolean {
  const wanted = rest[part];
  if (wanted === undefined) return true;
  const last = wanted.gap ? at + GAP_WORDS : at;
  for (let place = at; place <= last; place++) {
    const word = text.words[place];
    if (word === undefined || text.breaks[place] === SENTENCE) return false;
    if (fits(wanted, word) && follows(rest, part + 1, text, place + 1)) return true;
  }
  return false;
}

const fits = ({ exact, beginnings }: Part, word: string): boolean =>
  exact.has(word) || beginnings.some((beginning) => word.startsWith(beginning));

function isNegated({ words, breaks }: Words, at: number): boolean {
  for (let place = at - 1; place >= at - NEGATION_WORDS; place--) {
    if (breaks[place + 1] !== NO_BREAK) return false;
    const word = words[place] ?? "";
    if (NEGATIONS.has(word) && words[place + 1] !== "только" && words[place + 1] !== "only") return true;
  }
  return false;
}
