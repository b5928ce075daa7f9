import type { Rule } from "./rule.ts";

export const NO_REPLY: readonly Rule[] = [
  { name: "waits for an answer", tag: "no_reply", weight: 2, reads: "customer's closing", when: ["answer is due"] },
];
