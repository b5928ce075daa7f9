import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseOptions } from "./cli/options.ts";
import { type AnyScript, isComposite } from "./composite.ts";
import type { Address } from "./db/address.ts";
import { loadEnvironment } from "./env.ts";
import { runAndFollow } from "./follow.ts";
import { withInterrupts } from "./interrupts.ts";
import type { Conclusion } from "./outcome.ts";
import { type Document, failedDocument } from "./report/document.ts";
import { complaintOf, exitCodeOf } from "./report/failure.ts";
import { createPrinter, outliveReaders, type Printer } from "./report/printer.ts";
import { redact } from "./report/redact.ts";
import { Report } from "./report/report.ts";
import { runBatch } from "./run.ts";
import { runComposite } from "./run-composite.ts";
import { withTarget } from "./target.ts";
import type { CommonOptions } from "./task.ts";
import { VERSION } from "./version.ts";

/** Whom a run tells, and who may stop it. */
interface Voice {
  readonly printer: Printer;
  readonly signal: AbortSignal;
}

/** The last line of every script: runs its batch, if this file is what was started, and sets the exit code. */
export async function main(module: ImportMeta, batch: AnyScript): Promise<void> {
  if (!isStarted(module)) return;
  outliveReaders([process.stdout, process.stderr]);
  process.exitCode = await runScript(batch, process.argv.slice(2));
}

/** Whether the module is what `node` was asked to run, also through a symbolic link. */
export function isStarted(module: ImportMeta): boolean {
  const [, started] = process.argv;
  return started !== undefined && realpathSync(started) === fileURLToPath(module.url);
}

/** Runs a batch as its command line says; returns the exit code. With `--json` people's lines go to standard error. */
export async function runScript(batch: AnyScript, argv: readonly string[]): Promise<number> {
  const json = argv.some((argument) => argument === "--json" || argument === "--json=true");
  const printer = createPrinter(json ? process.stderr : process.stdout, process.env, { timed: batch.timed === true });
  const startedAt = new Date();
  try {
    const parsed = await parseOptions(batch, argv, VERSION);
    if (parsed.kind === "text") return write(process.stdout, parsed.text, 0);
    const { document, exitCode, error } = await runOnTarget(batch, parsed.options, printer);
    if (error !== undefined) write(process.stderr, complaintOf(error, parsed.options));
    if (json) writeJson(document);
    return exitCode;
  } catch (error) {
    printer.stop();
    write(process.stderr, complaintOf(error));
    if (json) writeJson(failedDocument(batch, argv, startedAt, error));
    return exitCodeOf(error);
  }
}

/** Finds the database, runs the batch on it, and prints the summary. */
function runOnTarget(batch: AnyScript, options: CommonOptions, printer: Printer): Promise<Conclusion> {
  const onFirst = () => printer.line("Stopping after this page; press Ctrl-C again to stop at once.");
  return withInterrupts({ onFirst, onSecond: () => printer.stop() }, (signal) =>
    withTarget(loadEnvironment(), printer.line, (address) =>
      runAndFollow(batch, options, (next, itsOptions) => runOn(address, next, itsOptions, { printer, signal })),
    ),
  );
}

/**
 * Runs the batch, and what follows it, on a database that the caller chose, as this command line would; `own` replaces what that says of
 * options. Throws where nothing was begun.
 */
export async function runArguments(
  address: Address,
  batch: AnyScript,
  argv: readonly string[],
  { own = {}, ...voice }: Voice & { readonly own?: Readonly<Record<string, unknown>> },
): Promise<Conclusion> {
  const parsed = await parseOptions(batch, argv, VERSION);
  if (parsed.kind === "text") throw new Error(`These arguments run nothing: ${argv.join(" ")}`);
  return runAndFollow(batch, { ...parsed.options, ...own }, (next, options) => runOn(address, next, options, voice));
}

/** Runs the batch on a database that the caller chose, and prints the summary. */
export async function runOn(
  address: Address,
  batch: AnyScript,
  options: CommonOptions,
  { printer, signal }: Voice,
): Promise<Conclusion> {
  if (isComposite(batch)) {
    const around = { address, env: process.env, signal, say: printer.line };
    return runComposite(batch, options, around, (one, its) => runOn(address, one, its, { printer, signal }));
  }
  const report = new Report(batch, printer, batch.words?.(options));
  const conclusion = await runBatch(batch, options, { address, signal, report });
  report.end(conclusion);
  return conclusion;
}

function write(stream: NodeJS.WriteStream, text: string, exitCode = 0): number {
  stream.write(`${redact(text)}\n`);
  return exitCode;
}

/** Only its messages can hold a secret; a password such as "2025" must not blot out the numbers. */
function writeJson(document: Document): void {
  const text = JSON.stringify(document, (name, value) => (name === "message" ? redact(String(value)) : value));
  process.stdout.write(`${text}\n`);
}
