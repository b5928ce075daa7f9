/**
 * Tells how often a classifier gives the tag that a person gave, on chats that were made up for it. Needs no database, and
 * reports what it finds: a low score is no failure.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import PQueue from "p-queue";
import { toText } from "./lib/bench/table.ts";
import type { Classifier, Tag } from "./lib/classify/classifier.ts";
import { evaluate, NO_ANSWER } from "./lib/classify/evaluate.ts";
import { type Labelled, readLabelled } from "./lib/classify/labelled.ts";
import { ruleClassifier } from "./lib/classify/rules.ts";
import { tablesOf } from "./lib/classify/score-tables.ts";
import { readTags } from "./lib/classify/tags.ts";
import { runCommand } from "./lib/cli/command.ts";
import { oneOf } from "./lib/cli/values.ts";
import { UserError } from "./lib/errors.ts";
import { Refusals } from "./lib/http/refusals.ts";
import { isStarted } from "./lib/main.ts";
import { formatCount } from "./lib/report/format.ts";
import { createPrinter } from "./lib/report/printer.ts";

/** Whom one can ask, by name. */
const CLASSIFIERS: Readonly<Record<string, (tags: readonly Tag[]) => Classifier>> = {
  rules: ruleClassifier,
};

/** Chats that are asked about at the same time. */
const CONCURRENCY = 4;
const SPLITS = ["dev", "test", "all"];
const LABELLED_CHATS = fileURLToPath(new URL("../tests/fixtures/labelled-chats", import.meta.url));

const COMMAND = {
  name: "npm run eval:classifier --",
  usage: "$0 [options]\n\nCompares a classifier's tags with those that a person gave.",
  options: {
    classifier: {
      ...oneOf("--classifier", Object.keys(CLASSIFIERS)),
      describe: `out of ${Object.keys(CLASSIFIERS).join(", ")} (default rules)`,
    },
    split: { ...oneOf("--split", SPLITS), describe: `the chats out of ${SPLITS.join(", ")} (default test)` },
    file: { type: "string", requiresArg: true, describe: "labelled chats: a .jsonl file, or a folder of them" },
    json: { type: "boolean", default: false, describe: "one JSON document on standard output" },
  },
} as const;

interface Choice {
  readonly classifier: string;
  readonly split: string;
  readonly file: string;
  readonly json: boolean;
}

/** What the classifier said about one chat. */
interface Answer {
  readonly id: string;
  readonly language: string;
  readonly expected: string;
  readonly predicted: string;
  /** Null where it said nothing; then the reason is why. */
  readonly confidence: number | null;
  readonly reason: string;
}

async function evalClassifier({ classifier: choice, split, file, json }: Choice): Promise<number> {
  const tags = readTags();
  const names = tags.map(({ name }) => name);
  const chats = chatsOf(file, split, names);
  const classifier = CLASSIFIERS[choice]?.(tags) as Classifier;
  const answers = await askAll(classifier, chats);
  const evaluation = evaluate(answers, names);
  const { name, version } = classifier;
  const place = relative(process.cwd(), file);
  if (json) {
    const document = { classifier: name, version, file: place, split, ...evaluation, answers };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return 0;
  }
  const title = `Classifier ${name}, version ${version}\n${place}, split ${split}: ${formatCount(chats.length)} chats`;
  createPrinter(process.stdout).line(tablesOf(evaluation, title).map(toText).join("\n\n"));
  return 0;
}

function chatsOf(file: string, split: string, tags: readonly string[]): readonly Labelled[] {
  const chats = readLabelled(file).filter((labelled) => split === "all" || labelled.split === split);
  if (chats.length === 0) throw new UserError(`No chat in ${file} belongs to the split ${split}.`);
  const odd = chats.find(({ tag }) => !tags.includes(tag));
  if (odd) throw new UserError(`${file}: the tag ${odd.tag} of ${odd.chat.id} is none of ${tags.join(", ")}.`);
  return chats;
}

async function askAll(classifier: Classifier, chats: readonly Labelled[]): Promise<Answer[]> {
  const printer = createPrinter(process.stderr);
  const queue = new PQueue({ concurrency: CONCURRENCY });
  const refusals = new Refusals();
  let asked = 0;
  const ask = async (labelled: Labelled): Promise<Answer> => {
    const answer = await answerTo(classifier, labelled, refusals);
    asked += 1;
    // Elsewhere than on a terminal it would be a line between people's or a program's.
    if (process.stderr.isTTY) printer.progress(`${formatCount(asked)} of ${formatCount(chats.length)} chats`);
    return answer;
  };
  try {
    return await queue.addAll(chats.map((labelled) => () => ask(labelled)));
  } finally {
    queue.clear(); // after a failure that concerns all, nothing else is asked
    printer.stop();
  }
}

async function answerTo(classifier: Classifier, labelled: Labelled, refusals: Refusals): Promise<Answer> {
  const { chat, language, tag: expected } = labelled;
  const known = { id: chat.id, language, expected };
  try {
    const { tag: predicted, confidence, reason } = await classifier.classify(chat);
    refusals.ok();
    return { ...known, predicted, confidence, reason };
  } catch (error) {
    return { ...known, predicted: NO_ANSWER, confidence: null, reason: refusals.refuse(error, chat.id).message };
  }
}

/** Runs the script as its command line says; returns the exit code. */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(COMMAND, argv, ({ classifier, split, file, json }) =>
    evalClassifier({
      classifier: (classifier as string | undefined) ?? "rules",
      split: (split as string | undefined) ?? "test",
      file: (file as string | undefined) ?? LABELLED_CHATS,
      json: json === true,
    }),
  );

if (isStarted(import.meta)) process.exitCode = await main(process.argv.slice(2));
