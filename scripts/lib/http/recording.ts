/** Keeps answers as files, and gives them again: the n-th file of a request is the n-th answer that it had. */
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, RunFailed, UserError } from "../errors.ts";
import { redact } from "../report/redact.ts";
import { type Answer, breaksOff, jsonOf } from "./answer.ts";

/** Longer names are cut; the hash in them tells them apart. */
const MAX_SLUG_LENGTH = 100;

/** What the headers of an answer say beyond these is nobody's business, such as cookies. */
const KEPT_HEADERS = /^(content-type|date|retry-after|x-ratelimit-.*)$/;

/** The answers of one account of a service, in a folder that others may share. */
export interface Recording {
  readonly folder: string;
  readonly service: string;
}

/** What a file holds. */
interface Kept extends Omit<Answer, "text"> {
  readonly request: string;
  readonly body: string;
}

/** Makes the folder, and returns what keeps an answer in it, as the next one to that request. What is there stays. */
export function keeperOf(
  recording: Recording,
  mask: ((body: unknown) => unknown) | undefined,
): (url: URL, answer: Answer) => Promise<void> {
  const { folder } = recording;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UserError(`--record can't make the folder ${folder}: ${messageOf(error)}.`);
  }
  return async (url, answer) => {
    const kept: Kept = {
      request: redact(`GET ${requestOf(url)}`),
      status: answer.status,
      headers: Object.fromEntries(Object.entries(answer.headers).filter(([name]) => KEPT_HEADERS.test(name))),
      body: bodyOf(answer, mask),
    };
    await store(recording, url, `${JSON.stringify(kept, null, 2)}\n`).catch((cause: unknown) => {
      throw new RunFailed(`An answer could not be kept in ${folder}: ${messageOf(cause)}.`, { cause });
    });
  };
}

/** What is not whole can't be masked, and may hold what must not be kept: nothing is left of it, which is not whole either. */
function bodyOf({ status, text }: Answer, mask: ((body: unknown) => unknown) | undefined): string {
  const shown = status >= 400 ? redact(text) : text;
  if (mask === undefined) return shown;
  const value = jsonOf(shown);
  if (value !== undefined) return JSON.stringify(mask(value));
  return breaksOff(shown) ? "" : `(${text.length} characters that are not JSON)`;
}

/** A file has its name when it is whole, and nobody else's. */
async function store(recording: Recording, url: URL, text: string): Promise<void> {
  await mkdir(recording.folder, { recursive: true, mode: 0o700 });
  const unfinished = join(recording.folder, `.${randomUUID()}.tmp`);
  try {
    await writeFile(unfinished, text, { mode: 0o600 });
    for (let ordinal = 1; !(await linked(unfinished, fileOf(recording, url, ordinal))); ) ordinal += 1;
  } finally {
    await rm(unfinished, { force: true });
  }
}

const linked = (from: string, to: string): Promise<boolean> =>
  link(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );

/** Returns what gives the next answer to a request; throws RunFailed where none is left. */
export function playerOf(recording: Recording): (url: URL) => Promise<Answer> {
  const asked = new Map<string, number>();
  return async (url) => {
    const request = requestOf(url);
    const ordinal = (asked.get(request) ?? 0) + 1;
    asked.set(request, ordinal);
    const file = fileOf(recording, url, ordinal);
    const text = await readFile(file, "utf8").catch((cause: unknown) => {
      throw new RunFailed(`No answer to ${url.pathname} is recorded as ${file}.`, { cause });
    });
    const kept = jsonOf(text) as Kept | undefined;
    if (kept === undefined) throw new RunFailed(`${file} is not as --record writes it.`);
    return { status: kept.status, headers: kept.headers, text: kept.body };
  };
}

const requestOf = ({ pathname, search }: URL): string => `${pathname}${search}`;

function fileOf({ folder, service }: Recording, url: URL, ordinal: number): string {
  const name = `${service}${requestOf(url)}`;
  const slug = name.replace(/[^\p{L}\p{N}.-]+/gu, "_").slice(0, MAX_SLUG_LENGTH);
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 12);
  return join(folder, `${slug}.${hash}.${ordinal}.json`);
}
