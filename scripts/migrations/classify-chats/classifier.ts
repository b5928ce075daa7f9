/** Which classifier is asked, and at what cost. */
import type { Options as YargsOptions } from "yargs";
import type { Chat, Classifier } from "../../lib/classify/classifier.ts";
import { llmClassifier } from "../../lib/classify/llm.ts";
import { ruleClassifier } from "../../lib/classify/rules.ts";
import { readTags } from "../../lib/classify/tags.ts";
import { flagOf } from "../../lib/cli/flag.ts";
import { duration, wholeNumber } from "../../lib/cli/values.ts";
import { UserError } from "../../lib/errors.ts";
import { Refusals } from "../../lib/http/refusals.ts";
import type { Context } from "../../lib/task.ts";
import type { Asking } from "./judge.ts";

/** Chats that rules look at between other work of the process: some milliseconds. */
const RULES_AT_A_TIME = 100;
const CONCURRENCY = 4;
const MOST_CONCURRENCY = 64;

export const CLASSIFIER_OPTIONS: Readonly<Record<string, YargsOptions>> = {
  classifier: { choices: ["rules", "llm"], describe: "who classifies (default rules)", requiresArg: true },
  tags: { type: "string", requiresArg: true, describe: "a JSON file with other tags" },
  concurrency: {
    ...wholeNumber("--concurrency", { min: 1, max: MOST_CONCURRENCY }),
    describe: `llm: how many chats are asked about at the same time (default ${CONCURRENCY})`,
  },
  "max-requests": {
    ...wholeNumber("--max-requests", { min: 0 }),
    describe: "llm: end with exit 75 after so many requests",
  },
  "max-tokens": { ...wholeNumber("--max-tokens", { min: 0 }), describe: "llm: end with exit 75 after so many tokens" },
  timeout: { ...duration("--timeout"), describe: "llm: how long one answer may take (default 1m)" },
  "max-wait": {
    ...duration("--max-wait"),
    describe: "llm: end with exit 75 where the service asks for more (default 1m)",
  },
};

export interface ClassifierOptions {
  readonly classifier?: "rules" | "llm";
  readonly tags?: string;
  readonly concurrency?: number;
  readonly maxRequests?: number;
  readonly maxTokens?: number;
  readonly timeout?: number;
  readonly maxWait?: number;
}

/** A classifier as a run uses it. */
export interface Opened extends Omit<Asking, "quarantined"> {
  readonly name: string;
  readonly version: string;
  /** Counted since it was last asked. */
  readonly usage: () => Readonly<Record<string, number>>;
}

const FOR_LLM = ["concurrency", "maxRequests", "maxTokens", "timeout", "maxWait"] as const;

/** Throws a UserError for options, tags or an environment that can't be used. */
export function checkClassifier(context: Context<ClassifierOptions>): void {
  const { options } = context;
  const odd = options.classifier === "llm" ? undefined : FOR_LLM.find((name) => options[name] !== undefined);
  if (odd !== undefined) throw new UserError(`${flagOf(odd)} needs --classifier llm: rules cost nothing.`);
  openClassifier(context);
}

/** Asks nothing yet. */
export function openClassifier(context: Context<ClassifierOptions>): Opened {
  const { options } = context;
  const tags = readTags(options.tags);
  const refusals = new Refusals();
  const shared = { refuse: refusals.refuse.bind(refusals) };
  if (options.classifier !== "llm") {
    const rules = ruleClassifier(tags);
    return { ...shared, ...namesOf(rules), classifier: rules, atATime: RULES_AT_A_TIME, usage: () => ({}) };
  }
  const concurrency = options.concurrency ?? CONCURRENCY;
  const { signal, waits } = context;
  const { maxRequests, maxTokens, timeout, maxWait } = options;
  const llm = llmClassifier({
    ...{ tags, env: process.env, concurrency, signal, waits },
    ...{ maxRequests, maxTokens, timeoutMs: timeout, maxWaitMs: maxWait },
  });
  if (!options.dryRun)
    return {
      ...shared,
      ...namesOf(llm),
      classifier: countingSuccess(llm, refusals),
      atATime: concurrency,
      usage: llm.usage,
    };
  const foreseen = { requests: 0, tokens: 0 };
  const foresee = (chat: Chat) => {
    const tokens = llm.foresee(chat);
    if (tokens === undefined) return;
    foreseen.requests += 1;
    foreseen.tokens += tokens;
  };
  const usage = () => {
    const { ...taken } = foreseen;
    Object.assign(foreseen, { requests: 0, tokens: 0 });
    return taken;
  };
  return { ...shared, ...namesOf(llm), classifier: undefined, foresee, atATime: RULES_AT_A_TIME, usage };
}

const namesOf = ({ name, version }: Classifier) => ({ name, version });

/** One good answer shows that not everything is refused. */
const countingSuccess = (classifier: Classifier, refusals: Refusals): Classifier => ({
  ...namesOf(classifier),
  classify: async (chat) => {
    const verdict = await classifier.classify(chat);
    refusals.ok();
    return verdict;
  },
});
