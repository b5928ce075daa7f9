import { describe, expect, test } from "@jest/globals";
import { evaluate, type Judged, NO_ANSWER } from "../../../scripts/lib/classify/evaluate.ts";

const ORDER = ["c", "a", "b", "never"];

/** "en a b": an English chat with the label a that got the answer b. */
const judgedOf = (...texts: string[]): Judged[] =>
  texts.map((text) => {
    const [language = "", expected = "", predicted = ""] = text.split(" ");
    return { language, expected, predicted: predicted === "-" ? NO_ANSWER : predicted };
  });

describe("Six chats in two languages, counted by hand", () => {
  const { total, byLanguage } = evaluate(judgedOf("en a a", "en a b", "en b b", "ru b a", "ru c -", "ru a a"), ORDER);

  test("half of the answers are right", () => {
    expect(total).toMatchObject({ chats: 6, right: 3, accuracy: 0.5 });
  });

  test("each tag that occurs has its precision, recall and F1, in the order of the tags", () => {
    expect(total.tags).toEqual([
      { tag: "c", labelled: 1, answered: 0, right: 0, precision: null, recall: 0, f1: 0 },
      { tag: "a", labelled: 3, answered: 3, right: 2, precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 },
      { tag: "b", labelled: 2, answered: 2, right: 1, precision: 0.5, recall: 0.5, f1: 0.5 },
    ]);
  });

  test("macro F1 is the mean over the tags, not over the chats", () => {
    expect(total.macroF1).toBeCloseTo(7 / 18, 12);
  });

  test("the confusion matrix has each label's answers, and those that failed to come", () => {
    expect(total.confusion).toEqual({ a: { a: 2, b: 1 }, b: { a: 1, b: 1 }, c: { [NO_ANSWER]: 1 } });
  });

  test("each language has its own scores, over the tags that occur in it", () => {
    expect(Object.keys(byLanguage)).toEqual(["en", "ru"]);
    expect(byLanguage.en).toMatchObject({
      ...{ chats: 3, right: 2, accuracy: 2 / 3 },
      tags: [
        { tag: "a", labelled: 2, answered: 1, right: 1, precision: 1, recall: 0.5, f1: 2 / 3 },
        { tag: "b", labelled: 1, answered: 2, right: 1, precision: 0.5, recall: 1, f1: 2 / 3 },
      ],
      confusion: { a: { a: 1, b: 1 }, b: { b: 1 } },
    });
    expect(byLanguage.en?.macroF1).toBeCloseTo(2 / 3, 12);
    expect(byLanguage.ru).toMatchObject({ chats: 3, right: 1, accuracy: 1 / 3 });
    expect(byLanguage.ru?.macroF1).toBeCloseTo(2 / 9, 12);
  });
});

test("F1 is the harmonic mean of precision and recall", () => {
  const { tags } = evaluate(judgedOf("en a a", "en a b", "en a b", "en b b", "en b b", "en b b"), ORDER).total;
  for (const { precision, recall, f1 } of tags) {
    const [p, r] = [precision ?? Number.NaN, recall ?? Number.NaN];
    expect(f1).toBeCloseTo((2 * p * r) / (p + r), 12);
  }
  expect(tags.map(({ precision, recall }) => [precision, recall])).toEqual([
    [1, 1 / 3],
    [3 / 5, 1],
  ]);
});

test("A tag that only the classifier uses counts into macro F1, and stands after the tags that are known", () => {
  const { total } = evaluate(judgedOf("en a odd", "en a a"), ORDER);
  expect(total.tags).toEqual([
    { tag: "a", labelled: 2, answered: 1, right: 1, precision: 1, recall: 0.5, f1: 2 / 3 },
    { tag: "odd", labelled: 0, answered: 1, right: 0, precision: 0, recall: null, f1: 0 },
  ]);
  expect(total.macroF1).toBeCloseTo(1 / 3, 12);
});

test("Without a chat there are no shares, rather than wrong ones", () => {
  const none = { chats: 0, right: 0, accuracy: null, macroF1: null, tags: [], confusion: {} };
  expect(evaluate([], ORDER)).toEqual({ total: none, byLanguage: {} });
});
