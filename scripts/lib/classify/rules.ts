/**
 * Classifies by rules: offline, the same verdict for the same chat, in Russian and English. A tag's score is the sum of its
 * rules that spoke. Those tags hold that reach a score of 1 and are not far behind the strongest; the first of them in the
 * order of the list of tags is the verdict.
 */
import { createHash } from "node:crypto";
import type { Chat, Classifier, Tag, Verdict } from "./classifier.ts";
import { RULES, SIGNS } from "./rules/all.ts";
import { findLast } from "./rules/find.ts";
import { compilePhrases } from "./rules/phrases.ts";
import { type Reading, readChat } from "./rules/reading.ts";
import type { Condition, Rule, Sign } from "./rules/rule.ts";
import { UNTAGGED } from "./tags.ts";

/** Goes into the version. To be raised with each change of the code that may change a verdict. */
const WEIGHING = 1;
/** A tag holds from this score on, */
const HOLDS = 1;
/** and from this share of the best score on: a passing remark doesn't outweigh what a chat is about. */
const SHARE_OF_BEST = 1 / 3;
/** What a score is measured against where nothing speaks for another tag: 1 gives 0.67, 3 gives 0.86. */
const DOUBT = 0.5;
/** Tags that stand after the verdict had to give way by their definition, and say less against it. */
const LATER_RIVAL = 0.25;
/** From so many words on somebody tells something. */
const STORY_WORDS = 4;
/** A last resort is right less often. */
const GUESS = 0.6;
/** How sure it is that no tag fits, where there is text. */
const NOTHING_SPOKE = 0.5;

type SignName = Sign["name"];
/** By sign, the customer's last line that has it, or -1. */
type Signs = Readonly<Record<SignName, number>>;

interface Score {
  readonly score: number;
  /** The rule that weighed most. */
  readonly reason: string;
}

/** It needs to wait for nobody. */
export interface RuleClassifier extends Classifier {
  classify(chat: Chat): Verdict;
}

/** The classifier by rules, for these tags: a rule for another tag is not used. */
export function ruleClassifier(tags: readonly Tag[]): RuleClassifier {
  const names = tags.map(({ name }) => name);
  const rules = RULES.filter(({ tag }) => names.includes(tag));
  const hear = hearer(rules);
  return {
    name: "rules",
    version: versionOf(names, rules, SIGNS),
    classify(chat: Chat): Verdict {
      const reading = readChat(chat);
      if (reading.customer.words.length === 0)
        return { tag: UNTAGGED, confidence: 1, reason: "no words of the customer" };
      const spoken = hear(reading);
      const verdict = verdictOf(names, scoresOf(spoken.filter(({ lastResort }) => !lastResort)));
      return verdict.tag === UNTAGGED ? guessOf(names, scoresOf(spoken)) : verdict;
    },
  };
}

/** The hash of all that verdicts depend on: rules, signs, and the tags in their order. */
export const versionOf = (names: readonly string[], rules: readonly Rule[], signs: readonly Sign[]): string =>
  createHash("sha256")
    .update(JSON.stringify([WEIGHING, names, rules, signs]))
    .digest("hex")
    .slice(0, 12);

/** Makes the function that says which rules speak about a chat. */
function hearer(rules: readonly Rule[]): (reading: Reading) => Rule[] {
  const none = { ru: "", en: "" };
  const [own, theirs] = [rules.filter((rule) => !ofBusiness(rule)), rules.filter(ofBusiness)];
  const customers = [...SIGNS, ...own].map(({ phrases = none, negatable }) => ({ phrases, negatable }));
  const businesses = theirs.map(({ phrases = none, negatable }) => ({ phrases, negatable }));
  const customerLexicon = compilePhrases(customers);
  const businessLexicon = compilePhrases(businesses);
  return (reading) => {
    const heard = findLast(customerLexicon, customers.length, reading.customer);
    const answers = findLast(businessLexicon, businesses.length, reading.business);
    const signs = Object.fromEntries(SIGNS.map(({ name }, at) => [name, heard[at] ?? -1])) as Signs;
    return [
      ...own.filter((rule, at) => speaks(rule, heard[SIGNS.length + at] ?? -1, reading, signs)),
      ...theirs.filter((rule, at) => speaks(rule, answers[at] ?? -1, reading, signs)),
    ];
  };
}

const ofBusiness = ({ reads }: Rule): boolean => reads === "business's closing";

/** `line` is the last one in which a phrase of the rule stands. */
function speaks({ phrases, reads, when = [] }: Rule, line: number, reading: Reading, signs: Signs): boolean {
  const from = {
    customer: 0,
    "customer's closing": reading.customerClosing,
    "business's closing": reading.businessClosing,
  };
  if (phrases !== undefined && line < from[reads]) return false;
  return when.every((condition) => CONDITIONS[condition](line, reading, signs));
}

const CONDITIONS: Readonly<Record<Condition, (line: number, reading: Reading, signs: Signs) => boolean>> = {
  "answer is due": (_line, { unanswered, customerClosing, closingSpoken }, { asks, closes, praises }) =>
    unanswered && (asks >= customerClosing || (closingSpoken && Math.max(closes, praises) < customerClosing)),
  answered: (_line, { answered }) => answered,
  "asks nothing more": (line, _reading, { asks }) => asks < line,
  alone: (_line, { alone }) => alone,
  tells: (_line, { spoken }) => spoken >= STORY_WORDS,
  "neither asks nor praises": (_line, _reading, { asks, praises }) => asks === -1 && praises === -1,
};

function scoresOf(spoken: readonly Rule[]): ReadonlyMap<string, Score> {
  const scores = new Map<string, Score & { readonly most: number }>();
  for (const { tag, weight, name } of spoken) {
    const { score = 0, most = 0, reason = "" } = scores.get(tag) ?? {};
    scores.set(tag, { score: score + weight, most: Math.max(most, weight), reason: weight > most ? name : reason });
  }
  return scores;
}

function guessOf(names: readonly string[], scores: ReadonlyMap<string, Score>): Verdict {
  const { tag, confidence, reason } = verdictOf(names, scores);
  return { tag, confidence: tag === UNTAGGED ? confidence : rounded(confidence * GUESS), reason };
}

function verdictOf(names: readonly string[], scores: ReadonlyMap<string, Score>): Verdict {
  const scoreOf = (name: string): number => scores.get(name)?.score ?? 0;
  const best = Math.max(0, ...names.map(scoreOf));
  const tag = names.find((name) => scoreOf(name) >= Math.max(HOLDS, best * SHARE_OF_BEST));
  if (tag === undefined)
    return { tag: UNTAGGED, confidence: rounded(NOTHING_SPOKE * (1 - best)), reason: "no rule spoke clearly" };
  const place = names.indexOf(tag);
  const rivals = names.map((name, at) => (at === place ? 0 : scoreOf(name) * (at > place ? LATER_RIVAL : 1)));
  const score = scoreOf(tag);
  const confidence = score / (score + DOUBT + Math.max(0, ...rivals));
  return { tag, confidence: rounded(confidence), reason: scores.get(tag)?.reason ?? "" };
}

const rounded = (confidence: number): number => Math.round(confidence * 100) / 100;
