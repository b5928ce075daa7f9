/** `errors`: what is in quarantine, by reason. Only reads, unless --retry runs the items again. */
import { BATCHES, type BatchEntry } from "../batches.ts";
import { wholeNumber } from "../cli/values.ts";
import type { Document } from "../report/document.ts";
import { complaintOf, exitCodeOf } from "../report/failure.ts";
import { excerpt, formatCount } from "../report/format.ts";
import { redact } from "../report/redact.ts";
import { entryNamed } from "./batch-number.ts";
import { type Answer, type Asked, DESK_COMMAND, type Desk, type DeskCommand } from "./desk.ts";
import { type Quarantine, type Reason, readQuarantine } from "./errors/reasons.ts";
import { lineWidth, onOneLine, wrap } from "./lines.ts";
import { withReader } from "./reader.ts";
import { ownOptionsOf, runFor } from "./run-batch.ts";

const SHOWN_REASONS = 20;
/** Keys of each reason. */
const SHOWN_KEYS = 3;
const ALL_SHOWN_KEYS = 20;

export const errors: DeskCommand = {
  name: "errors",
  summary: "What is in quarantine, by reason.",
  optional: ["BATCH"],
  options: {
    retry: { type: "boolean", default: false, describe: "run the items again, then show what is left" },
    limit: {
      ...wholeNumber("--limit", { min: 1, max: 10_000 }),
      describe: `list this many reasons (default ${SHOWN_REASONS})`,
    },
  },
  run: listErrors,
};

async function listErrors(desk: Desk, { options, words: [word] }: Asked): Promise<Answer> {
  const entries = word === undefined ? BATCHES : [entryNamed(word)];
  const limit = Number(options.limit ?? SHOWN_REASONS);
  const retry = options.retry === true;
  const tried = retry ? await retryAll(desk, entries) : undefined;
  return withReader(desk, async (db) => {
    const left = await readQuarantine(db, entries, { keys: desk.verbose ? ALL_SHOWN_KEYS : SHOWN_KEYS, limit });
    print(desk, left, word);
    const exitCode = tried?.exitCode || (left.items > 0 ? 1 : 0);
    return {
      exitCode,
      document: {
        command: "errors",
        exitCode,
        ...left,
        ...(tried === undefined ? {} : { retried: tried.documents, notBegun: tried.notBegun }),
      },
    };
  });
}

interface Tried {
  readonly documents: readonly Document[];
  /** Batches whose items could not be run again, and why. */
  readonly notBegun: readonly { readonly batch: number; readonly message: string }[];
  /** The first that is not 0; where items are still in quarantine it is 1. */
  readonly exitCode: number;
}

async function retryAll(desk: Desk, entries: readonly BatchEntry[]): Promise<Tried> {
  const documents: Document[] = [];
  const notBegun: { batch: number; message: string }[] = [];
  let exitCode = 0;
  for (const entry of entries) {
    desk.signal.throwIfAborted();
    const own = await withReader(desk, async (db) => {
      const [reason] = (await readQuarantine(db, [entry], { keys: 0, limit: 1 })).reasons;
      return reason === undefined ? undefined : ownOptionsOf(db, desk, entry, reason.runId);
    });
    if (own === undefined) continue;
    try {
      const conclusion = await runFor(desk, entry, ["--retry-errors"], own);
      documents.push(conclusion.document);
      exitCode ||= conclusion.exitCode;
    } catch (error) {
      // The items of another batch may well be stored.
      const message = redact(complaintOf(error));
      notBegun.push({ batch: entry.number, message });
      exitCode ||= exitCodeOf(error);
      for (const line of wrap(message)) desk.printer.line(line);
    }
    desk.printer.line("");
  }
  return { documents, notBegun, exitCode };
}

function print({ printer, verbose }: Desk, { reasons, allReasons, items }: Quarantine, word: string | undefined): void {
  const width = lineWidth();
  const where = word === undefined ? "" : ` of batch ${word}`;
  if (items === 0) {
    printer.line(`Nothing${where} is in quarantine.`);
    return;
  }
  for (const [index, reason] of reasons.entries()) {
    if (reason.batch !== reasons[index - 1]?.batch)
      printer.line(printer.colour.bold(`Batch ${reason.batch}: ${reason.script}`));
    for (const line of linesOf(reason, width, verbose)) printer.line(line);
  }
  const reasonsLeft = allReasons - reasons.length;
  if (reasonsLeft > 0)
    printer.line(
      `… and ${formatCount(reasonsLeft)} other ${reasonsLeft === 1 ? "reason" : "reasons"}: --limit lists more.`,
    );
  printer.line(
    `${formatCount(items)} ${items === 1 ? "item" : "items"}${where} in quarantine. Once what is wrong is mended:`,
  );
  printer.line(`${DESK_COMMAND} errors${word === undefined ? "" : ` ${word}`} --retry`);
}

function linesOf({ code, message, items, keys }: Reason, width: number, verbose: boolean): string[] {
  const head = `  ${formatCount(items).padStart(7)} × ${code}: `;
  const text = onOneLine(message);
  const said = verbose
    ? wrap(head.trimStart() + text, "  ", width)
    : [head + excerpt(text, Math.max(10, width - head.length))];
  const others = items - keys.length;
  const list = keys.map((key) => `${" ".repeat(10)}${excerpt(onOneLine(key), width - 10)}`);
  return [...said, ...list, ...(others > 0 ? [`${" ".repeat(10)}and ${formatCount(others)} more`] : [])];
}
