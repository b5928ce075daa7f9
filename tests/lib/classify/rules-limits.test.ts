import { expect, test } from "@jest/globals";
import type { Chat, Line } from "../../../scripts/lib/classify/classifier.ts";
import { RULES } from "../../../scripts/lib/classify/rules/all.ts";
import { ruleClassifier } from "../../../scripts/lib/classify/rules.ts";
import { readTags } from "../../../scripts/lib/classify/tags.ts";

const AT = "2025-11-09T10:00:00Z";
const TAGS = readTags();
const classifier = ruleClassifier(TAGS);

const chatOf = (lines: readonly Line[], unanswered = false): Chat => ({ id: "1", channel: "sms", lines, unanswered });
const says = (role: Line["role"], text: string): Line => ({ role, text, at: AT });
const verdictOn = (...texts: string[]) => classifier.classify(chatOf(texts.map((text) => says("user", text))));

test.each([
  { name: "no lines", lines: [] },
  { name: "blank lines", lines: [says("user", " \n\t"), says("user", "")] },
  { name: "marks only", lines: [says("user", "... !!")] },
  { name: "lines of the business only", lines: [says("assistant", "Where is your order? It is broken, money back!")] },
  { name: "lines of systems and tools only", lines: [says("system", "Refund me"), says("tool", "Refund me")] },
])("$name: untagged, and sure of it", ({ lines }) => {
  for (const unanswered of [false, true])
    expect(classifier.classify(chatOf(lines, unanswered))).toEqual({
      tag: "untagged",
      confidence: 1,
      reason: "no words of the customer",
    });
});

test.each(["👍", "❤️", "😡", "👨‍👩‍👧", "🏳️‍🌈"])("one emoji, %s, is untagged, answered or not", (text) => {
  for (const unanswered of [false, true])
    expect(classifier.classify(chatOf([says("user", text)], unanswered))).toMatchObject({ tag: "untagged" });
});

test("the business's words don't speak for the customer", () => {
  const lines = [says("user", "Добрый день"), says("assistant", "Хотите вернуть деньги или узнать, где посылка?")];
  expect(classifier.classify(chatOf(lines))).toMatchObject({ tag: "untagged" });
});

test.each([
  ["ВЕРНИТЕ ДЕНЬГИ", "верните деньги"],
  ["Вернёте деньги", "вернете деньги"],
  ["Пришёл чайник с трещиной", "пришел чайник с трещиной"],
  ["Пришёл чайник с трещиной".normalize("NFD"), "пришёл чайник с трещиной"],
  ["It doesn’t work", "it doesn't work"],
  ["it doesnt work", "it does not work"],
])("%s reads as %s", (one, other) => {
  expect(verdictOn(one)).toEqual(verdictOn(other));
  expect(verdictOn(one)).not.toMatchObject({ tag: "untagged" });
});

test("a phrase is whole words: part of a longer one is none", () => {
  expect(verdictOn("курьер")).toMatchObject({ tag: "delivery" });
  expect(verdictOn("мотокурьерский")).toMatchObject({ tag: "untagged" });
  expect(verdictOn("refund")).toMatchObject({ tag: "refund_requested" });
  expect(verdictOn("prerefunding")).toMatchObject({ tag: "untagged" });
});

test("the reason is the name of a rule, never a word of the chat", () => {
  const names = RULES.map(({ name }) => name);
  expect(names).toContain(verdictOn("Верните деньги 4276 1234").reason);
});

test("more that speaks for a tag makes it surer, what speaks for another less sure", () => {
  const sure = (text: string): number => verdictOn(text).confidence;
  expect(sure("Чайник сломан, это ужас, мастер хамил")).toBeGreaterThan(sure("Чайник сломан"));
  expect(sure("Где посылка?")).toBeGreaterThan(sure("Где посылка? Есть скидки, подскажите, нужен совет"));
  for (const text of ["Где посылка?", "Верните деньги", "hello", "not a word of it was as you told us"]) {
    expect(sure(text)).toBeGreaterThan(0);
    expect(sure(text)).toBeLessThanOrEqual(1);
  }
});

test("of a long chat the first 2,000 and the last 6,000 characters are read", () => {
  const filler = (length: number) => "слово ".repeat(Math.ceil(length / 6)).slice(0, length);
  const at = (before: number, after: number) => verdictOn(filler(before), "Верните деньги", filler(after));
  expect(at(1_900, 100_000)).toMatchObject({ tag: "refund_requested" });
  expect(at(100_000, 5_900)).toMatchObject({ tag: "refund_requested" });
  expect(at(50_000, 50_000)).not.toMatchObject({ tag: "refund_requested" });
  expect(verdictOn(`${filler(50_000)} верните деньги ${filler(5_900)}`)).toMatchObject({ tag: "refund_requested" });
});

test("a word that the cut goes through is not read as another", () => {
  const [before, after] = ["x".repeat(1_993), "x ".repeat(5_000)];
  expect(verdictOn(`${before} refundable ${after}`)).not.toMatchObject({ tag: "refund_requested" });
  expect(verdictOn(`${before} refund ${after}`)).not.toMatchObject({ tag: "untagged" });
});

test("a rule for a tag that the list doesn't have is not used", () => {
  const without = ruleClassifier(TAGS.filter(({ name }) => name !== "refund_requested"));
  const chat = chatOf([says("user", "This is terrible, I want my money back")]);
  expect(classifier.classify(chat)).toMatchObject({ tag: "refund_requested" });
  expect(without.classify(chat)).toMatchObject({ tag: "complaint" });
});

test("the order of the list decides where two tags hold", () => {
  const chat = chatOf([says("user", "The courier was rude and threw the parcel")]);
  const first = (name: string) => [...TAGS].sort((a, b) => Number(b.name === name) - Number(a.name === name));
  expect(ruleClassifier(first("complaint")).classify(chat)).toMatchObject({ tag: "complaint" });
  expect(ruleClassifier(first("delivery")).classify(chat)).toMatchObject({ tag: "delivery" });
});

test("with no tag but untagged everything is untagged", () => {
  const bare = ruleClassifier(TAGS.filter(({ name }) => name === "untagged"));
  expect(bare.classify(chatOf([says("user", "Refund me now!")], true))).toMatchObject({ tag: "untagged" });
});

test("every rule is for a tag that comes along, and has a name of its own", () => {
  const names = TAGS.map(({ name }) => name);
  expect(RULES.filter(({ tag }) => !names.includes(tag))).toEqual([]);
  const rules = RULES.map(({ tag, name }) => `${tag}: ${name}`);
  expect(rules).toEqual([...new Set(rules)]);
});
