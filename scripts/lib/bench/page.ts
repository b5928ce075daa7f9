import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { UserError } from "../errors.ts";
import { type Table, toMarkdown, toText } from "./table.ts";

/** A page may hold what several commands measure. */
const beginOf = (command: string) => `<!-- measured: written by ${command} -- --write -->`;
const END = "<!-- measured: end -->";
const BENCH = "npm run bench";

/** Prints what a command has measured, and writes it into the page where that is asked for. */
export async function publish(
  tables: readonly Table[],
  { line, write, page, command }: { line: (text: string) => void; write: boolean; page: URL; command?: string },
): Promise<void> {
  for (const table of tables) line(`\n${toText(table)}`);
  if (write) await writeMeasured(page, tables.map(toMarkdown).join("\n\n"), command);
}

/** Puts a text between the page's markers; whatever stands around them stays. */
export async function writeMeasured(page: URL, text: string, command = BENCH): Promise<void> {
  const { before, after } = await readAround(page, command);
  await writeFile(page, `${before}${beginOf(command)}\n\n${text}\n\n${END}${after}`);
}

/** Throws a UserError where the page has no such markers: better before an hour of measuring than after it. */
export const checkPage = (page: URL, command = BENCH): Promise<unknown> => readAround(page, command);

async function readAround(page: URL, command: string): Promise<{ before: string; after: string }> {
  const content = await readFile(page, "utf8");
  const begin = content.indexOf(beginOf(command));
  const end = content.indexOf(END, begin);
  if (begin === -1 || end === -1)
    throw new UserError(`${fileURLToPath(page)} lacks the lines ${beginOf(command)} and ${END}.`);
  return { before: content.slice(0, begin), after: content.slice(end + END.length) };
}
