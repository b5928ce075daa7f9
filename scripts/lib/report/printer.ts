import type { Writable } from "node:stream";
import { Chalk, type ChalkInstance } from "chalk";
import ora from "ora";
import { redact } from "./redact.ts";

/** Where a script's lines go. Nothing else writes to the terminal during a run. */
export interface Printer {
  readonly colour: ChalkInstance;
  /** One line that stays. */
  line(text: string): void;
  /** Where the run stands: a spinner's text on a terminal, elsewhere a line at most once a second, or at once where it is urgent. */
  progress(text: string, urgent?: boolean): void;
  /** Takes the spinner away. */
  stop(): void;
}

type Stream = Writable & { isTTY?: boolean; columns?: number };

/** A line a second is enough to see that it goes on, and short enough for a log. */
const PROGRESS_EVERY_MS = 1_000;

/** What a write fails with once nobody reads any more: `| head` has seen enough, or the terminal is gone. */
const NO_READER = new Set(["EPIPE", "EIO"]);

/** Lets the run go on when nobody reads its output any more: what it did stands in its record and its exit code. */
export function outliveReaders(streams: readonly Writable[]): void {
  for (const stream of streams)
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (!NO_READER.has(error.code ?? "")) throw error;
    });
}

/** A printer for people: with colour and a spinner on a terminal; elsewhere plain lines, for a log `timed`: each with its time. */
export function createPrinter(
  stream: Stream,
  env: NodeJS.ProcessEnv = process.env,
  { timed = false }: { readonly timed?: boolean } = {},
): Printer {
  // On a terminal that says it has no columns, as some containers' do, ora would clear lines for ever.
  const canSpin = stream.isTTY === true && stream.columns !== 0 && env.TERM !== "dumb";
  return canSpin ? terminalPrinter(stream, env) : plainPrinter(stream, timed ? timeNow : () => "");
}

const timeNow = (): string => `${new Date().toISOString()} `;

function plainPrinter(stream: Stream, prefix: () => string): Printer {
  let printedAt = Number.NEGATIVE_INFINITY;
  const line = (text: string) => void stream.write(`${prefix()}${redact(text)}\n`);
  return {
    colour: new Chalk({ level: 0 }),
    line,
    progress: (text, urgent = false) => {
      if (!urgent && performance.now() - printedAt < PROGRESS_EVERY_MS) return;
      printedAt = performance.now();
      line(`  ${text}`);
    },
    stop: () => undefined,
  };
}

function terminalPrinter(stream: Stream, env: NodeJS.ProcessEnv): Printer {
  const plain = (env.NO_COLOR ?? "") !== "";
  // With discardStdin, ora would put the keyboard into raw mode and answer Ctrl-C itself.
  const spinner = ora({ stream, discardStdin: false, color: plain ? false : "cyan", indent: 2 });
  return {
    colour: plain ? new Chalk({ level: 0 }) : new Chalk(),
    line: (text) => {
      const spinning = spinner.isSpinning;
      if (spinning) spinner.clear();
      stream.write(`${redact(text)}\n`);
      if (spinning) spinner.render();
    },
    progress: (text) => {
      spinner.text = redact(text);
      if (!spinner.isSpinning) spinner.start();
    },
    stop: () => void spinner.stop(),
  };
}
