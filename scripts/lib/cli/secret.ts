/** Reads a secret from a terminal without showing it, nor how long it is. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { UserError } from "../errors.ts";

/** Asks once. Throws a UserError where the person ends the input instead. */
export function askSecret(question: string): Promise<string> {
  // What is typed is echoed to the interface's output: to nowhere. In raw mode the terminal itself echoes nothing.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  return new Promise((resolve, reject) => {
    lines.once("line", (line) => {
      resolve(line.trim());
      lines.close();
    });
    lines.once("SIGINT", () => lines.close());
    lines.once("close", () => {
      process.stderr.write("\n");
      reject(new UserError("Nothing was given; nothing was changed.")); // after an answer this says nothing any more
    });
  });
}
