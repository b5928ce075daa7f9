import { expect, test } from "@jest/globals";
import type { Chat, Line } from "../../../scripts/lib/classify/classifier.ts";
import { ruleClassifier } from "../../../scripts/lib/classify/rules.ts";
import { readTags } from "../../../scripts/lib/classify/tags.ts";

const AT = "2025-11-09T10:00:00Z";
const classifier = ruleClassifier(readTags());

const chatOf = (lines: readonly Line[]): Chat => ({ id: "1", channel: "sms", lines, unanswered: true });
const says = (role: Line["role"], text: string): Line => ({ role, text, at: AT });

/** Milliseconds of processor time, the least of three: others are busy on the machine, and share what a processor has. */
const costOf = (work: () => void): number => Math.min(...[1, 2, 3].map(() => costOnce(work)));

function costOnce(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const HOSTILE = [
  "a",
  "не ",
  "верните вам ",
  "?",
  " ",
  "\n",
  "😡",
  "https://t.me/",
  "want like can send ",
  "е\u0301\u0300",
  "'",
  "\0",
  "\ud800",
];

test.each(HOSTILE)("a megabyte of %j takes less than 150 ms", (unit) => {
  const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
  expect(costOf(() => classifier.classify(chatOf([says("user", text)])))).toBeLessThan(150);
});

test("a hundred thousand short lines take less than 150 ms", () => {
  const chat = chatOf(
    Array.from({ length: 100_000 }, (_, at) => says(at % 2 === 0 ? "user" : "assistant", "не верните")),
  );
  expect(costOf(() => classifier.classify(chat))).toBeLessThan(150);
});

test("5,000 chats of ten lines of 60 characters take less than two seconds of processor time", () => {
  const words = `здравствуйте подскажите когда приедет мастер не могу понять почему цена выросла на улицу ленина
    i would like to know how much is the cleaning of two rooms and why the order did not come on friday`.split(/\s+/);
  const line = (seed: number): string =>
    Array.from({ length: 16 }, (_, at) => words[(seed * 7 + at * (1 + (seed % 11))) % words.length])
      .join(" ")
      .slice(0, 60);
  const chats = Array.from({ length: 5_000 }, (_, chat) =>
    chatOf(Array.from({ length: 10 }, (_, at) => says(at % 2 === 0 ? "user" : "assistant", line(chat * 10 + at)))),
  );
  const classifyAll = () => {
    for (const chat of chats) classifier.classify(chat);
  };
  expect(costOf(classifyAll)).toBeLessThan(2_000);
});
