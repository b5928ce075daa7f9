/**
 * Tells how often a classifier gives the tag that a person gave, on chats that were made up for it. Needs no database, and
 * reports what it finds: a low score is no failure.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { toText } from "./lib/bench/table.ts";
import { askAll } from "./lib/classify/answers.ts";
import type { Classifier, Tag } from "./lib/classify/classifier.ts";
import { evaluate } from "./lib/classify/evaluate.ts";
import { type Labelled, readLabelled } from "./lib/classify/labelled.ts";
import { llmClassifier } from "./lib/classify/llm.ts";
import { ruleClassifier } from "./lib/classify/rules.ts";
import { readTags } from "./lib/classify/tags.ts";
import { runCommand } from "./lib/cli/command.ts";
import { oneOf } from "./lib/cli/values.ts";
import { loadEnvironment } from "./lib/env.ts";
import { UserError } from "./lib/errors.ts";
import { withInterrupts } from "./lib/interrupts.ts";
import { isStarted } from "./lib/main.ts";
import { formatCount } from "./lib/report/format.ts";
import { createPrinter, type Printer } from "./lib/report/printer.ts";
import { tablesOf } from "./lib/report/score-tables.ts";

/** Chats that are asked about at the same time. */
const CONCURRENCY = 4;
const SPLITS = ["dev", "test", "all"];
const LABELLED_CHATS = fileURLToPath(new URL("../tests/fixtures/labelled-chats", import.meta.url));

/** What a classifier is made with. */
interface Setting {
  readonly tags: readonly Tag[];
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Whom one can ask, by name. */
const CLASSIFIERS: Readonly<Record<string, (setting: Setting) => Classifier>> = {
  rules: ({ tags }) => ruleClassifier(tags),
  llm: ({ tags, signal, say }) =>
    llmClassifier({
      ...{ tags, signal, env: loadEnvironment(), concurrency: CONCURRENCY },
      waits: (reason) => reason && say(reason),
    }),
};

const COMMAND = {
  name: "npm run eval:classifier --",
  usage: "$0 [options]\n\nCompares a classifier's tags with those that a person gave.",
  options: {
    classifier: {
      ...oneOf("--classifier", Object.keys(CLASSIFIERS)),
      describe: `out of ${Object.keys(CLASSIFIERS).join(", ")} (default rules); llm asks once for each chat`,
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

async function evalClassifier({ classifier, split, file, json }: Choice): Promise<number> {
  const tags = readTags();
  const order = tags.map(({ name }) => name);
  const chats = chatsOf(file, split, order);
  const progress = createPrinter(process.stderr);
  const { name, version, answers } = await ask(classifier, tags, chats, progress).finally(progress.stop);
  const evaluation = evaluate(answers, order);
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

function ask(choice: string, tags: readonly Tag[], chats: readonly Labelled[], progress: Printer) {
  // Where nobody looks on, progress would only stand between lines that matter.
  const say = (text: string) => process.stderr.isTTY && progress.progress(text);
  const onFirst = () =>
    progress.line("Stopping once the answers under way are here; press Ctrl-C again to stop at once.");
  return withInterrupts({ onFirst, onSecond: progress.stop }, async (signal) => {
    const classifier = CLASSIFIERS[choice]?.({ tags, signal, say }) as Classifier;
    const { name, version } = classifier;
    const onAnswer = (answered: number) => say(`${formatCount(answered)} of ${formatCount(chats.length)} chats`);
    return { name, version, answers: await askAll(classifier, chats, { concurrency: CONCURRENCY, signal, onAnswer }) };
  });
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
