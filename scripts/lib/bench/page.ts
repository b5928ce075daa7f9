import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { UserError } from "../errors.ts";

const BEGIN = "<!-- measured: written by npm run bench -- --write -->";
const END = "<!-- measured: end -->";

/** Puts a text between the page's markers; whatever stands around them stays. */
export async function writeMeasured(page: URL, text: string): Promise<void> {
  const { before, after } = await readAround(page);
  await writeFile(page, `${before}${BEGIN}\n\n${text}\n\n${END}${after}`);
}

/** Throws a UserError where the page has no such markers: better before an hour of measuring than after it. */
export const checkPage = (page: URL): Promise<unknown> => readAround(page);

async function readAround(page: URL): Promise<{ before: string; after: string }> {
  const content = await readFile(page, "utf8");
  const [begin, end] = [content.indexOf(BEGIN), content.indexOf(END)];
  if (begin === -1 || end < begin) throw new UserError(`${fileURLToPath(page)} lacks the lines ${BEGIN} and ${END}.`);
  return { before: content.slice(0, begin), after: content.slice(end + END.length) };
}
