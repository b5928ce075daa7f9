/**
 * Reads chats that a person has labelled, one JSON object a line:
 * `{"id", "language", "split": "dev" | "test", "tag", "unanswered", "lines": [["user" | "assistant" | …, text], …]}`.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { RunFailed, UserError } from "../errors.ts";
import type { Chat } from "./classifier.ts";

/** What the lines of a chat are given for times: one a minute. */
const FIRST_LINE_AT = Date.parse("2025-11-03T09:00:00Z");
const MINUTE_MS = 60_000;

const LABELLED = z.strictObject({
  id: z.string().min(1),
  language: z.string().regex(/^[a-z]{2}$/, "takes two small letters, such as en"),
  split: z.enum(["dev", "test"]),
  tag: z.string().min(1),
  unanswered: z.boolean(),
  lines: z.array(z.tuple([z.enum(["user", "assistant", "system", "tool"]), z.string()])).min(1),
});

/** A chat with the tag that it should get. */
export interface Labelled {
  readonly language: string;
  readonly split: "dev" | "test";
  readonly tag: string;
  readonly chat: Chat;
}

/**
 * Reads a `.jsonl` file, or all those of a folder in the order of their names. Throws a UserError where nothing is there to
 * be read, RunFailed with the line's number for a line that is not such a chat or has the id of an earlier one.
 */
export function readLabelled(path: string): readonly Labelled[] {
  const ids = new Set<string>();
  return filesOf(path).flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line, index) => {
        if (line.trim() === "") return [];
        const place = `${file}:${index + 1}`;
        const labelled = toLabelled(line, place);
        if (ids.has(labelled.chat.id)) throw new RunFailed(`${place}: the id ${labelled.chat.id} was there before.`);
        ids.add(labelled.chat.id);
        return [labelled];
      }),
  );
}

function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
  } catch (error) {
    throw new UserError(`There is no file ${path}.`, { cause: error });
  }
  const files = readdirSync(path).filter((name) => name.endsWith(".jsonl"));
  if (files.length === 0) throw new UserError(`No file in ${path} ends in .jsonl.`);
  return files.sort().map((name) => join(path, name));
}

function toLabelled(line: string, place: string): Labelled {
  const { data, error } = LABELLED.safeParse(parseJson(line, place));
  if (data === undefined) {
    const [issue] = error.issues;
    const where = issue?.path.length ? `${issue.path.join(".")}: ` : "";
    throw new RunFailed(`${place}: not a labelled chat. ${where}${issue?.message}`);
  }
  const { id, language, split, tag, unanswered } = data;
  const lines = data.lines.map(([role, text], index) => ({ role, text, at: timeOf(index) }));
  return { language, split, tag, chat: { id, channel: "labelled", lines, unanswered } };
}

function parseJson(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The parser's own message quotes the line.
    throw new RunFailed(`${place}: not JSON.`);
  }
}

const timeOf = (index: number): string => new Date(FIRST_LINE_AT + index * MINUTE_MS).toISOString();
