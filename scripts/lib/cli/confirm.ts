/** Asks a person whether to go on. */
import { createInterface } from "node:readline";

/** Whether somebody sits at a terminal who can answer. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** Asks on the terminal; only "y" and "yes" are a yes, the end of the input is a no. Throws the signal's reason once it is aborted. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  // Not as a terminal: it would be put into raw mode, and Ctrl-C would be a key like any other.
  const lines = createInterface({ input: process.stdin, terminal: false });
  process.stderr.write(`${question} [y/N] `);
  const stop = () => lines.close();
  signal.addEventListener("abort", stop);
  try {
    const answer = await new Promise<string>((resolve) => {
      lines.once("line", resolve);
      lines.once("close", () => resolve(""));
    });
    if (answer === "" && process.stdin.readableEnded) process.stderr.write("\n");
    signal.throwIfAborted();
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    signal.removeEventListener("abort", stop);
    lines.close();
  }
}
