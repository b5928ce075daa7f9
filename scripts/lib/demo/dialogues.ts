/**
 * Reads a file of dialogues, one JSON object a line: `{"id": …, "services": […], "turns": [["user" | "system", text], …]}`.
 * A line at a time: what is in memory does not grow with the file.
 */
import { createReadStream } from "node:fs";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { z } from "zod";
import { messageOf, RunFailed, UserError } from "../errors.ts";

const Dialogue = z.object({
  id: z.string().min(1),
  services: z.array(z.string()),
  turns: z.array(z.tuple([z.enum(["user", "system"]), z.string()])),
});

/** In a turn, `system` is the assistant who answers. */
export type Dialogue = z.infer<typeof Dialogue>;

/** Yields the dialogues of a `.jsonl` or `.jsonl.gz` file. Throws RunFailed, with the line's number, for one that isn't one. */
export async function* readDialogues(path: string): AsyncGenerator<Dialogue, void> {
  let number = 0;
  for await (const line of readLines(path)) {
    number++;
    if (line.trim() === "") continue;
    yield toDialogue(line, `${path}:${number}`);
  }
}

function toDialogue(line: string, place: string): Dialogue {
  const parsed = Dialogue.safeParse(parseJson(line, place));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? `${issue.path.join(".")}: ` : "";
  throw new RunFailed(`${place}: not a dialogue. ${where}${issue?.message}`);
}

function parseJson(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The parser's own message quotes the line.
    throw new RunFailed(`${place}: not JSON.`);
  }
}

/** Only a line feed ends a line: node's `readline` also cuts at U+2028, which JSON may hold, and loses the stream's errors. */
async function* readLines(path: string): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  try {
    for await (const chunk of openBytes(path)) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    rest += decoder.decode();
  } catch (error) {
    throw explain(error, path);
  }
  if (rest !== "") yield rest;
}

function openBytes(path: string): Readable {
  const file = createReadStream(path);
  // The iteration reports the error: the callback is only there because pipeline asks for one.
  return path.endsWith(".gz") ? pipeline(file, createGunzip(), () => undefined) : file;
}

function explain(error: unknown, path: string): Error {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code === "ENOENT") return new UserError(`There is no file ${path}.`, { cause: error });
  if (code === "EISDIR") return new UserError(`${path} is a folder; a file of dialogues is needed.`, { cause: error });
  if (code === "EACCES") return new UserError(`${path} can't be read: permission denied.`, { cause: error });
  if (code === "Z_BUF_ERROR") return new RunFailed(`${path} is cut short: fetch it again.`, { cause: error });
  if (code.startsWith("Z_"))
    return new RunFailed(`${path} is not a sound gzip file: ${messageOf(error)}.`, { cause: error });
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return new RunFailed(`${path} is not UTF-8.`, { cause: error });
  return error as Error;
}
