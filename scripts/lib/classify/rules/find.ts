/** Finds compiled phrases among the words of a text. What a word costs is bounded, whatever the text. */
import type { Node, Part, Phrase } from "./phrases.ts";
import { CLAUSE, NO_BREAK, SENTENCE, type Words } from "./words.ts";

/** How many other words a gap may stand for. */
const GAP_WORDS = 3;
/** How far back a negation still counts. */
const NEGATION_WORDS = 3;
const NEGATIONS = new Set("не нет ни без нету никаких not no never without".split(" "));

const COURTESY = new Set("пожалуйста пожалуй please pls".split(" "));

/**
 * By speaker, the line where a phrase of it occurs last, or -1. It reads backwards: a speaker who was heard is done
 * with.
 */
export function findLast(phrases: Node, speakers: number, text: Words): Int32Array {
  const found = new Int32Array(speakers).fill(-1);
  for (let at = text.words.length - 1; at >= 0; at--) {
    const word = text.words[at] ?? "";
    const line = text.lines[at] ?? -1;
    let node: Node | undefined = phrases;
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
  const last = wanted.gap === undefined ? at : at + GAP_WORDS;
  for (let place = at; place <= last; place++) {
    const word = text.words[place];
    if (word === undefined || isBroken(text, place, wanted)) return false;
    if (fits(wanted, word) && follows(rest, part + 1, text, place + 1)) return true;
  }
  return false;
}

/** "Please" stands between commas, and breaks nothing. */
function isBroken({ words, breaks }: Words, place: number, { gap }: Part): boolean {
  if (breaks[place] !== CLAUSE) return breaks[place] === SENTENCE;
  return gap !== "sentence" && !COURTESY.has(words[place] ?? "") && !COURTESY.has(words[place - 1] ?? "");
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
