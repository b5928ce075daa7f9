/** All batches from one place: what is done and what is to do, what is wrong, and how to take it back. */
import type { BatchEntry } from "./lib/batches.ts";
import { runCommand } from "./lib/cli/command.ts";
import { DESK_COMMAND, type Desk, type DeskCommand } from "./lib/commands/desk.ts";
import { errors } from "./lib/commands/errors.ts";
import { rollback } from "./lib/commands/rollback.ts";
import { runs } from "./lib/commands/runs.ts";
import { search } from "./lib/commands/search.ts";
import { show } from "./lib/commands/show.ts";
import { status } from "./lib/commands/status.ts";
import { up } from "./lib/commands/up.ts";
import { verify } from "./lib/commands/verify.ts";
import type { AnyScript } from "./lib/composite.ts";
import { classify, describeError } from "./lib/db/pg-errors.ts";
import { loadEnvironment } from "./lib/env.ts";
import { UserError } from "./lib/errors.ts";
import { withInterrupts } from "./lib/interrupts.ts";
import { isStarted } from "./lib/main.ts";
import { complaintOf, exitCodeOf } from "./lib/report/failure.ts";
import { createPrinter, outliveReaders } from "./lib/report/printer.ts";
import { redact } from "./lib/report/redact.ts";
import { withTarget } from "./lib/target.ts";

/** In the order in which one needs them. */
export const COMMANDS: readonly DeskCommand[] = [status, up, verify, rollback, errors, runs, show, search];

const COMMON = {
  json: { type: "boolean", default: false, describe: "one JSON document on standard output" },
  verbose: { type: "boolean", alias: "v", default: false, describe: "say more" },
} as const;

/** What may quote an error of a server, in any document. */
const MESSAGES = new Set(["message", "error", "reason", "hint"]);

type Given = { readonly json: boolean; readonly verbose: boolean } & Readonly<Record<string, unknown>>;

/** Runs what a command line asks for; returns the exit code. */
export function migrate(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  const command = COMMANDS.find((one) => one.name === name);
  if (command !== undefined) return perform(command, rest);
  // Only to say what there is.
  return runCommand(
    { name: DESK_COMMAND, usage: overview(), options: {}, optional: ["COMMAND"] },
    name === undefined ? ["--help"] : name.startsWith("-") ? argv : [name],
    async () => {
      throw new UserError(`Unknown command: ${name}. There are ${COMMANDS.map((one) => one.name).join(", ")}.`);
    },
    documentFailure(name, argv),
  );
}

const overview = (): string => {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `$0 COMMAND [options]\n\n${lines.join("\n")}\n\n$0 COMMAND --help tells more.`;
};

function perform(command: DeskCommand, argv: readonly string[]): Promise<number> {
  const { name, summary, positional = [], optional = [] } = command;
  const words = [...positional, ...optional.map((word) => `[${word}]`), "[options]"].join(" ");
  const declared = {
    name: `${DESK_COMMAND} ${name}`,
    usage: `$0 ${words}\n\n${summary}`,
    positional,
    optional,
    options: { ...command.options, ...COMMON },
  };
  const work = async ({ json, verbose, ...options }: Given, given: readonly string[]): Promise<number> => {
    const printer = createPrinter(json ? process.stderr : process.stdout);
    const onFirst = () => printer.line("Stopping; press Ctrl-C again to stop at once.");
    const answer = await withInterrupts({ onFirst, onSecond: () => printer.stop() }, (signal) =>
      withTarget(loadEnvironment(), printer.line, (address) => {
        const desk: Desk = { address, printer, json, verbose, signal, loadBatch };
        return command.run(desk, { options, words: given });
      }),
    );
    printer.stop();
    if (answer.error !== undefined) process.stderr.write(`${redact(complaintOf(answer.error, { verbose }))}\n`);
    if (json) writeJson(answer.document);
    return answer.exitCode;
  };
  return runCommand(declared, argv, work, documentFailure(name, argv));
}

/** With `--json` there is a document also where a command ended before it had an answer. */
function documentFailure(name: string | undefined, argv: readonly string[]): (error: unknown) => void {
  const json = argv.some((argument) => argument === "--json" || argument === "--json=true");
  return (error) => {
    if (!json) return;
    writeJson({ command: name ?? null, exitCode: exitCodeOf(error), message: describeError(classify(error)) });
  };
}

/** Only its messages can hold a secret; a password such as "2025" must not blot out the numbers. */
function writeJson(document: object): void {
  const text = JSON.stringify(document, (name, value) =>
    MESSAGES.has(name) && typeof value === "string" ? redact(value) : value,
  );
  process.stdout.write(`${text}\n`);
}

const loadBatch = async ({ name }: BatchEntry): Promise<AnyScript> => (await import(`./migrations/${name}.ts`)).default;

if (isStarted(import.meta)) {
  outliveReaders([process.stdout, process.stderr]);
  process.exitCode = await migrate(process.argv.slice(2));
}
