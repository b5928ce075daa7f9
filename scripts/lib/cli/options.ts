import yargs, { type Options as YargsOptions } from "yargs";
import { commandOf } from "../batches.ts";
import { type AnyScript, isComposite } from "../composite.ts";
import { MOST_WORKERS } from "../engine/crew.ts";
import { UserError } from "../errors.ts";
import { HEALTH_OPTIONS } from "../health/options.ts";
import type { CommonOptions } from "../task.ts";
import { kebabCase } from "./flag.ts";
import { duration, wholeNumber } from "./values.ts";

const COMMON: Record<string, YargsOptions> = {
  "dry-run": { type: "boolean", default: false, describe: "count what a run would do; writes nothing" },
  verbose: { type: "boolean", alias: "v", default: false, describe: "one line for each item" },
  json: { type: "boolean", default: false, describe: "one JSON document on standard output" },
  limit: { ...wholeNumber("--limit", { min: 1 }), describe: "stop after this many, keep the checkpoint" },
  restart: { type: "boolean", default: false, describe: "begin anew, ignore the checkpoint" },
  "retry-errors": { type: "boolean", default: false, describe: "run the quarantined items again, and only those" },
  "max-errors": { ...wholeNumber("--max-errors", { min: 0 }), describe: "stop when more items than this fail" },
};

/** Of the batches that several workers can share. */
const ENGINE: Record<string, YargsOptions> = {
  workers: {
    ...wholeNumber("--workers", { min: 1, max: MOST_WORKERS }),
    describe: "how many store pages at the same time (default: what server and machine bear, at most 4)",
  },
  "target-ms": {
    ...wholeNumber("--target-ms", { min: 10, max: 60_000 }),
    describe: "how long a page's transaction is to take, in milliseconds (default 500)",
  },
  "lock-timeout": { ...duration("--lock-timeout"), describe: "make a page smaller that waits longer (default 2s)" },
  "statement-timeout": {
    ...duration("--statement-timeout"),
    describe: "make a page smaller that takes longer (default 1m)",
  },
  ...HEALTH_OPTIONS,
};

/** What a command line asks for. */
export type Parsed =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "run"; readonly options: CommonOptions };

/** Reads a script's command line. Throws a UserError, with what is allowed, for anything that it doesn't know. */
export async function parseOptions(batch: AnyScript, argv: readonly string[], version: string): Promise<Parsed> {
  const engine = isShared(batch) ? ENGINE : {};
  const declared: Record<string, YargsOptions> = { ...COMMON, ...engine, ...batch.options };
  refuseOddBooleans(argv, declared);
  const parser = yargs()
    .locale("en")
    .scriptName(commandOf(batch.name))
    .usage(usageOf(batch))
    .options(declared)
    .strictOptions() // words are looked at below
    .help(false)
    .version(false)
    .option("help", { type: "boolean", alias: "h", default: false, describe: "show this help" })
    .option("version", { type: "boolean", default: false, describe: "show the version" })
    .exitProcess(false)
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .parserConfiguration({ "duplicate-arguments-array": false, "boolean-negation": false })
    .fail((message) => {
      throw new UserError(complaintAbout(message, declared));
    });
  const { help, version: showVersion, _: words, ...values } = parser.parseSync(gatherLists(argv, declared));
  if (help === true) return { kind: "text", text: await parser.getHelp() };
  if (showVersion === true) return { kind: "text", text: version };
  const step = subcommandIn(batch, words.map(String), declared);
  const options = { ...values, ...(step === undefined ? {} : { step }) } as unknown as CommonOptions;
  if (options.restart && options.retryErrors)
    throw new UserError(
      "--restart and --retry-errors exclude each other: the one begins anew, the other runs only what failed.",
    );
  if (options.retryErrors && options.limit !== undefined)
    throw new UserError("--retry-errors runs every quarantined item: leave --limit out.");
  return { kind: "run", options };
}

/** Several workers can share its pages. */
const isShared = (batch: AnyScript): boolean =>
  isComposite(batch) || (batch.pages !== undefined && batch.divide !== undefined);

function usageOf(batch: AnyScript): string {
  const about = `Batch ${batch.number}: ${batch.title}`;
  if (!isComposite(batch)) return `$0 [options]\n\n${about}`;
  const width = Math.max(...batch.subcommands.map(({ name }) => name.length));
  const lines = batch.subcommands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `$0 [options]\n$0 SUBCOMMAND [options]\n\n${about}\n\nSubcommands, all of them in order where none is named:\n${lines.join("\n")}`;
}

/** The subcommand that is the first word, where the batch has any. */
function subcommandIn(
  batch: AnyScript,
  [first, second]: readonly string[],
  declared: Record<string, YargsOptions>,
): string | undefined {
  const names = isComposite(batch) ? batch.subcommands.map(({ name }) => name) : [];
  const stray = first === undefined || names.includes(first) ? second : first;
  if (stray === undefined) return first;
  const known = names.length === 0 ? "" : ` Subcommands: ${names.join(", ")}.`;
  throw new UserError(`Unknown argument: ${stray}.${known} ${allowed(declared)}`);
}

/** What a `coerce` of ours throws says by itself what is allowed; yargs hands on its message, and names some options twice. */
function complaintAbout(message: string, declared: Record<string, YargsOptions>): string {
  if (message.endsWith(".")) return message;
  const [, name, given, choices = ""] =
    /^Invalid values:\s+Argument: ([\w-]+), Given: (.*), Choices: (.*)$/s.exec(message) ?? [];
  if (name !== undefined) return `--${name} takes ${choices.replaceAll(", ", " or ")}, not ${given}.`;
  return `${message.replace(/^Unknown arguments: (\w+-[\w-]+), \w+$/, "Unknown argument: $1")}. ${allowed(declared)}`;
}

const allowed = (declared: Record<string, YargsOptions>): string =>
  `Allowed: ${[...Object.keys(declared), "help", "version"].map((name) => `--${name}`).join(", ")}.`;

/** yargs takes `--dry-run=maybe` for false, which would write. */
function refuseOddBooleans(argv: readonly string[], declared: Record<string, YargsOptions>): void {
  for (const argument of argv) {
    const [, name = "", value] = /^--([^=]+)=(.*)$/s.exec(argument) ?? [];
    const dashed = kebabCase(name);
    if (declared[dashed]?.type !== "boolean" || value === "true" || value === "false") continue;
    throw new UserError(`--${dashed} takes no value, or true or false, not "${value}".`);
  }
}

/** An option that takes several values may be given several times: yargs would keep only the last. */
function gatherLists(argv: readonly string[], declared: Record<string, YargsOptions>): string[] {
  const lists = new Map<string, string[]>();
  const others: string[] = [];
  let open: string[] | undefined;
  for (const argument of argv) {
    const [, name = "", value] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    if (declared[name]?.array === true) {
      const list = lists.get(name) ?? [];
      lists.set(name, value === undefined ? list : [...list, value]);
      open = value === undefined ? list : undefined;
    } else if (open === undefined || argument.startsWith("-")) {
      open = undefined;
      others.push(argument);
    } else open.push(argument);
  }
  return [...others, ...[...lists].flatMap(([name, values]) => [`--${name}`, ...values])];
}
