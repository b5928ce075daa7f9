import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { Line } from "../../../scripts/lib/classify/classifier.ts";
import { ruleClassifier } from "../../../scripts/lib/classify/rules.ts";
import { readTags } from "../../../scripts/lib/classify/tags.ts";

const AT = "2025-11-09T10:00:00Z";
const TAGS = readTags();
const classifier = ruleClassifier(TAGS);

const EXAMPLES = readFileSync(new URL("rules-examples.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((row) => row !== "" && !row.startsWith("#"))
  .map((row) => {
    const [tag = "", chat = ""] = row.split("|");
    return { tag, chat };
  });

test("there are examples of each tag", () => {
  const tags = new Set(EXAMPLES.map(({ tag }) => tag));
  expect([...tags].sort()).toEqual(TAGS.map(({ name }) => name).sort());
});

test.each(EXAMPLES)("$tag: $chat", ({ tag, chat }) => {
  const unanswered = chat.startsWith("!");
  const lines = chat
    .replace(/^!/, "")
    .split(" / ")
    .map(
      (text): Line => ({ role: text.startsWith(">") ? "assistant" : "user", text: text.replace(/^> ?/, ""), at: AT }),
    );
  expect(classifier.classify({ id: "1", channel: "webchat", lines, unanswered })).toMatchObject({ tag });
});
