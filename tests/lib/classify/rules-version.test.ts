import { expect, test } from "@jest/globals";
import { RULES, SIGNS } from "../../../scripts/lib/classify/rules/all.ts";
import { ruleClassifier, versionOf } from "../../../scripts/lib/classify/rules.ts";
import { readTags } from "../../../scripts/lib/classify/tags.ts";

const TAGS = readTags();
const NAMES = TAGS.map(({ name }) => name);
const [FIRST, ...OTHERS] = RULES;

if (FIRST?.phrases === undefined) throw new Error("The first rule has no phrases to change.");
const { phrases } = FIRST;

const version = versionOf(NAMES, RULES, SIGNS);

test("the classifier's version is that of its rules and tags, and stays while they do", () => {
  expect(ruleClassifier(TAGS).version).toBe(version);
  expect(ruleClassifier(readTags()).version).toBe(version);
  expect(version).toMatch(/^[0-9a-f]{12}$/);
});

test.each([
  { what: "a phrase", changed: { ...FIRST, phrases: { ...phrases, ru: `${phrases.ru}; еще одна` } } },
  { what: "a weight", changed: { ...FIRST, weight: FIRST.weight + 0.1 } },
  { what: "a condition", changed: { ...FIRST, when: ["alone" as const] } },
])("$what changes it", ({ changed }) => {
  expect(versionOf(NAMES, [changed, ...OTHERS], SIGNS)).not.toBe(version);
});

test("a sign, a tag, and the order of the tags change it; the words of a description don't", () => {
  expect(versionOf(NAMES, RULES, SIGNS.slice(1))).not.toBe(version);
  expect(versionOf([...NAMES, "wholesale"], RULES, SIGNS)).not.toBe(version);
  expect(versionOf(NAMES.toReversed(), RULES, SIGNS)).not.toBe(version);
  expect(ruleClassifier(TAGS.map((tag) => ({ ...tag, description: "Other words." }))).version).toBe(version);
});
