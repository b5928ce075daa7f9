import { expect, test } from "@jest/globals";
import { findLast } from "../../../scripts/lib/classify/rules/find.ts";
import { compilePhrases } from "../../../scripts/lib/classify/rules/phrases.ts";
import { addWords, noWords } from "../../../scripts/lib/classify/rules/words.ts";

/** The line where the phrase stands last, or -1. */
function lineOf(phrase: string, lines: readonly string[], negatable?: true): number | undefined {
  const text = noWords();
  lines.forEach((line, index) => {
    addWords(text, line, index);
  });
  return findLast(compilePhrases([{ phrases: { ru: phrase, en: "" }, negatable }]), 1, text)[0];
}

test.each([
  { phrase: "refund", text: "REFUND!", found: true },
  { phrase: "refund", text: "refunds", found: false },
  { phrase: "refund*", text: "refundable", found: true },
  { phrase: "где|куда заказ*", text: "Так куда, мой… Где заказы", found: true },
  { phrase: "где заказ", text: "где мой заказ", found: false },
  { phrase: "где .. заказ", text: "где же мой новый заказ", found: true },
  { phrase: "где .. заказ", text: "где же он мой новый заказ", found: false },
  { phrase: "где .. заказ", text: "где вы? Заказ тут", found: false },
  { phrase: "где .. заказ", text: "где вы, заказ тут", found: false },
  { phrase: "где ... заказ", text: "где вы, заказ тут", found: true },
  { phrase: "где ... заказ", text: "где вы. Заказ тут", found: false },
  { phrase: "верните .. деньги", text: "верните, пожалуйста, деньги", found: true },
  { phrase: "^где", text: "ну, где вы", found: true },
  { phrase: "^где", text: "узнать где вы", found: false },
  { phrase: "трек номер", text: "Трек-номер", found: true },
  { phrase: "цена выросла", text: "цена - выросла", found: false },
  { phrase: "all ?", text: "Is that all?", found: true },
  { phrase: "<link>", text: "see https://shop.example/a?b=c now", found: true },
  { phrase: "<link> now", text: "see www.shop.example now", found: true },
  { phrase: "<link>", text: "t.me/somebody", found: true },
  { phrase: "<link>", text: "1.5/2, etc./and so on www", found: false },
  { phrase: "can not", text: "I can’t, cannot, cant", found: true },
  { phrase: "cleaner is", text: "the cleaner's dog", found: false },
  { phrase: "👍", text: "ок👍🏽", found: true },
])("«$phrase» in «$text»: $found", ({ phrase, text, found }) => {
  expect(lineOf(phrase, [text])).toBe(found ? 0 : -1);
});

test.each([
  { text: "не очень понравилось", found: false },
  { text: "не то чтобы совсем сразу понравилось", found: true },
  { text: "нет, понравилось", found: true },
  { text: "не только понравилось", found: true },
  { text: "did not quite понравилось", found: false },
])("a phrase that can be negated, in «$text»: $found", ({ text, found }) => {
  expect(lineOf("понравилось", [text], true)).toBe(found ? 0 : -1);
  expect(lineOf("понравилось", [text])).toBe(0);
});

test("of several lines the last is told, and no phrase goes from one line into the next", () => {
  expect(lineOf("где заказ", ["где заказ", "заказ", "где заказ", "где"])).toBe(2);
  expect(lineOf("где заказ", ["где", "заказ"])).toBe(-1);
});

test.each([".. refund", "refund ..", "don't", "refund|", "a**"])("the phrase «%s» is refused", (phrase) => {
  expect(() => lineOf(phrase, [])).toThrow(
    /^The phrase ".+" (begins or ends with a gap|has the word ".*", which no text has)\.$/,
  );
});
