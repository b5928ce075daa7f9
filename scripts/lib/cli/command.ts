import yargs, { type Argv, type Options as YargsOptions } from "yargs";
import { UserError } from "../errors.ts";
import { complaintOf, exitCodeOf } from "../report/failure.ts";
import { redact } from "../report/redact.ts";

/** A command that is not a batch: what its help says. */
export interface Command<Option extends Record<string, YargsOptions>> {
  /** How it is called, after the name that people type: "$0 FILE [options]". */
  readonly usage: string;
  /** What people type. */
  readonly name: string;
  /** The arguments that stand without a `--name`, in order; all of them are needed. */
  readonly positional?: readonly string[];
  /** Those that may follow them; a last one that ends with "…" may stand any number of times. */
  readonly optional?: readonly string[];
  readonly options: Option;
}

type Values<Option extends Record<string, YargsOptions>> = Awaited<ReturnType<Argv<unknown>["parse"]>> & {
  [Name in keyof Option]: Option[Name] extends { type: "boolean" } ? boolean : unknown;
};

/**
 * Reads a command line and does the work; returns the exit code. Whatever goes wrong is one line on standard error, and
 * told to `onFailure`.
 */
export async function runCommand<Option extends Record<string, YargsOptions>>(
  command: Command<Option>,
  argv: readonly string[],
  work: (values: Values<Option>, words: readonly string[]) => Promise<number>,
  onFailure: (error: unknown) => void = () => undefined,
): Promise<number> {
  try {
    const parser = parserOf(command);
    const { help, _: words, ...values } = parser.parseSync([...argv]);
    if (help === true) {
      process.stdout.write(`${await parser.getHelp()}\n`);
      return 0;
    }
    return await work(values as Values<Option>, positionalOf(command, words.map(String)));
  } catch (error) {
    process.stderr.write(`${redact(complaintOf(error))}\n`);
    onFailure(error);
    return exitCodeOf(error);
  }
}

const parserOf = ({ name, usage, options }: Command<Record<string, YargsOptions>>) =>
  yargs()
    .locale("en")
    .scriptName(name)
    .usage(usage)
    .options(options)
    .strictOptions()
    .help(false)
    .version(false)
    .option("help", { type: "boolean", alias: "h", default: false, describe: "show this help" })
    .exitProcess(false)
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .parserConfiguration({
      "boolean-negation": false,
      "camel-case-expansion": false,
      "duplicate-arguments-array": false,
      "parse-positional-numbers": false,
    })
    .fail((message) => {
      // What a `coerce` of ours throws says by itself what is allowed; yargs hands on its message only.
      if (message.endsWith(".")) throw new UserError(message);
      const allowed = [...Object.keys(options), "help"].map((option) => `--${option}`).join(", ");
      throw new UserError(`${message}. Allowed: ${allowed}.`);
    });

function positionalOf(command: Command<Record<string, YargsOptions>>, words: readonly string[]) {
  const { name, positional = [], optional = [] } = command;
  const usage = [name, ...positional, ...optional.map((word) => `[${word}]`)].join(" ");
  const missing = positional[words.length];
  if (missing !== undefined) throw new UserError(`${missing} is missing. Usage: ${usage}`);
  const most = optional.at(-1)?.endsWith("…") ? words.length : positional.length + optional.length;
  if (words.length > most) throw new UserError(`Unknown argument: ${words[most]}. Usage: ${usage}`);
  return words;
}
