/** The file of `--conversations-file`: ids of conversations, one on each line. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { messageOf, UserError } from "../../lib/errors.ts";

/** Its ids in their order, each once; empty lines don't count. Throws a UserError where it can't be read as such. */
export function idsOfFile(path: string | undefined): readonly string[] {
  if (path === undefined) return [];
  const lines = read(path)
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/);
  for (const [index, line] of lines.entries())
    if (/[\s,;"]/.test(line.trim()))
      throw new UserError(`--conversations-file takes a file with one id on each line; line ${index + 1} holds more.`);
    else if (/[\0\ufffd]/.test(line))
      throw new UserError(`--conversations-file takes a text in UTF-8; line ${index + 1} is none.`);
  return [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ""))];
}

/** Its name and its content, briefly: a checkpoint in a file belongs to both. */
export function markOfFile(path: string): string {
  const hash = createHash("sha256").update(idsOfFile(path).join("\n")).digest("hex");
  return `${basename(path)} (${hash.slice(0, 12)})`;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError(`--conversations-file can't be read: ${messageOf(error)}.`);
  }
}
