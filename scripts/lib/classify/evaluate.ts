/** How well a classifier's answers agree with the labels that a person gave. */

/** What stands for the answer about a chat that the classifier refused: never right. No tag has a blank in it. */
export const NO_ANSWER = "no answer";

/** One chat: what the label says, and what the classifier said. */
export interface Judged {
  readonly language: string;
  readonly expected: string;
  readonly predicted: string;
}

/** Shares are from 0 to 1; null where nothing is there to be divided by. */
export interface TagScore {
  readonly tag: string;
  /** How many chats the label gives this tag, how many the classifier, how many both. */
  readonly labelled: number;
  readonly answered: number;
  readonly right: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number;
}

export interface Scores {
  readonly chats: number;
  readonly right: number;
  readonly accuracy: number | null;
  /** The mean over the tags that occur, each with the same weight. */
  readonly macroF1: number | null;
  /** Those that occur, as a label or as an answer. */
  readonly tags: readonly TagScore[];
  /** By label and answer, how many; what never occurred is left out. */
  readonly confusion: Confusion;
}

export type Confusion = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Evaluation {
  readonly total: Scores;
  readonly byLanguage: Readonly<Record<string, Scores>>;
}

/** Scores all chats, and those of each language. Tags come in the order given, unknown ones after them. */
export function evaluate(judged: readonly Judged[], order: readonly string[]): Evaluation {
  const languages = [...new Set(judged.map(({ language }) => language))].sort();
  return {
    total: scoresOf(judged, order),
    byLanguage: Object.fromEntries(
      languages.map((name) => [
        name,
        scoresOf(
          judged.filter(({ language }) => language === name),
          order,
        ),
      ]),
    ),
  };
}

function scoresOf(judged: readonly Judged[], order: readonly string[]): Scores {
  const tags = occurringIn(judged, order).map((tag) => scoreOf(tag, judged));
  const right = judged.filter(isRight).length;
  return {
    chats: judged.length,
    right,
    accuracy: share(right, judged.length),
    macroF1: share(
      tags.reduce((sum, { f1 }) => sum + f1, 0),
      tags.length,
    ),
    tags,
    confusion: confusionOf(judged),
  };
}

function occurringIn(judged: readonly Judged[], order: readonly string[]): string[] {
  const occurring = new Set(judged.flatMap(({ expected, predicted }) => [expected, predicted]));
  occurring.delete(NO_ANSWER);
  const known = order.filter((tag) => occurring.has(tag));
  return [...known, ...[...occurring].filter((tag) => !order.includes(tag)).sort()];
}

function scoreOf(tag: string, judged: readonly Judged[]): TagScore {
  const labelled = judged.filter(({ expected }) => expected === tag);
  const answered = judged.filter(({ predicted }) => predicted === tag).length;
  const right = labelled.filter(isRight).length;
  return {
    tag,
    labelled: labelled.length,
    answered,
    right,
    precision: share(right, answered),
    recall: share(right, labelled.length),
    // The harmonic mean of precision and recall; also where one of them does not exist.
    f1: (2 * right) / (labelled.length + answered),
  };
}

function confusionOf(judged: readonly Judged[]): Confusion {
  const counts: Record<string, Record<string, number>> = {};
  for (const { expected, predicted } of judged) {
    counts[expected] ??= {};
    const row = counts[expected];
    row[predicted] = (row[predicted] ?? 0) + 1;
  }
  return counts;
}

const isRight = ({ expected, predicted }: Judged): boolean => expected === predicted;
const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
