/**
 * Puts many phrases together so that one walk over a text finds them all: their first words are the branches of a tree,
 * and most words of a text are done with after a few letters.
 */
import type { Phrases } from "./rule.ts";
import { normalize } from "./words.ts";

/** Whose phrases they are: its number is its place in the list. */
export interface Speaker {
  readonly phrases: Phrases;
  readonly negatable?: true | undefined;
}

/** The words that may stand in one place of a phrase. */
export interface Part {
  readonly exact: ReadonlySet<string>;
  readonly beginnings: readonly string[];
  /** Other words may stand before it: of the same clause, or of the same sentence. */
  readonly gap?: "clause" | "sentence";
}

export interface Phrase {
  readonly speaker: number;
  readonly negatable: boolean;
  /** Only at the beginning of a clause. */
  readonly anchored: boolean;
  /** What follows the first word. */
  readonly rest: readonly Part[];
}

export interface Node {
  readonly next: Map<number, Node>;
  /** Phrases whose first word ends here, and those whose first word only begins so. */
  readonly exact: Phrase[];
  readonly beginning: Phrase[];
}

const newNode = (): Node => ({ next: new Map(), exact: [], beginning: [] });

/** Puts the phrases of all speakers into one tree. Throws where a phrase is not well made. */
export function compilePhrases(speakers: readonly Speaker[]): Node {
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
  if (isGap(words[0]) || isGap(words.at(-1))) throw new Error(`The phrase "${text}" begins or ends with a gap.`);
  return words.flatMap((word, index) => {
    if (isGap(word)) return [];
    const choices = word.split("|");
    const odd = choices.find(
      (choice) => !/^(?:[\p{L}\p{N}\p{M}_]+\*?|\?|<link>|\p{Extended_Pictographic}\uFE0F?)$/u.test(choice),
    );
    if (odd !== undefined) throw new Error(`The phrase "${text}" has the word "${odd}", which no text has.`);
    const [beginnings, exact] = [choices.filter(isBeginning), choices.filter((choice) => !isBeginning(choice))];
    return {
      exact: new Set(exact.map((choice) => choice.replace("\uFE0F", ""))),
      beginnings: beginnings.map((choice) => choice.slice(0, -1)),
      ...gapOf(words[index - 1]),
    };
  });
}

const isGap = (word: string | undefined): boolean => word === ".." || word === "...";

const gapOf = (word: string | undefined): Pick<Part, "gap"> =>
  isGap(word) ? { gap: word === ".." ? "clause" : "sentence" } : {};

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
