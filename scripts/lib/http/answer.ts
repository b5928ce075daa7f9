import type { z } from "zod";
import { redact } from "../report/redact.ts";
import { ItemRefused } from "./errors.ts";

/** What a service answered. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** How messages name a request: the service, and the path without its query. */
export interface Asked {
  readonly service: string;
  readonly path: string;
}

/** Where services say what is wrong. */
const COMPLAINTS = ["title", "error", "message", "detail"];
const MAX_COMPLAINT_LENGTH = 200;
const MAX_CODE_LENGTH = 40;

/** An answer with the JSON that it holds; undefined where it holds none, or has a bad status. */
export interface Parsed extends Answer {
  readonly value: unknown;
}

/**
 * Throws ItemRefused where a good answer breaks off in the middle of its JSON: some gateways end a body that was cut off as if it
 * were whole.
 */
export function parse({ service, path }: Asked, answer: Answer): Parsed {
  const { status, text } = answer;
  if (status < 200 || status >= 300) return { ...answer, value: undefined };
  const value = jsonOf(text);
  if (value !== undefined || !breaksOff(text)) return { ...answer, value };
  const what = `broke off its answer to ${path} in the middle of its JSON, after ${text.length} characters`;
  throw new ItemRefused(`${service} ${what}.`, { code: "NOT_JSON", status });
}

/** Whether what is not JSON is the beginning of it: a list or an object that is not closed, or nothing at all. */
export function breaksOff(text: string): boolean {
  const start = text.search(/\S/);
  if (start < 0) return true;
  if (text[start] !== "{" && text[start] !== "[") return false;
  let open = 0;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (quoted && character === "\\") at += 1;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === "{" || character === "[") open += 1;
    else if (character === "}" || character === "]") open -= 1;
  }
  return quoted || open > 0;
}

/** What the answer says, as the schema reads it. Throws ItemRefused; its message never quotes the answer. */
export function readAs<T>({ service, path }: Asked, answer: Parsed, schema: z.ZodType<T>): T {
  const { status, text, value } = answer;
  if (value === undefined) {
    const what = `${answer.headers["content-type"] ?? "no content type"}, ${text.length} characters`;
    throw new ItemRefused(`${service} answered ${path} with what is not JSON (${what}).`, { code: "NOT_JSON", status });
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const what = complaintsAbout(read.error.issues);
  throw new ItemRefused(`${service} answered ${path} otherwise than expected: ${what}`, { code: "SCHEMA", status });
}

/** Undefined where it is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a service calls its own error: "PGRST205", "57014". Undefined where it gives it no name, or a long one. */
export function ownCodeIn({ text }: Answer): string | undefined {
  const code = (jsonOf(text) as { code?: unknown } | null | undefined)?.code;
  if (typeof code !== "string" && typeof code !== "number") return undefined;
  return String(code).length > MAX_CODE_LENGTH ? undefined : redact(String(code));
}

/** " (Not found: no such conversation)": what a service says itself about a request that failed; often it says nothing. */
export function remarkIn({ text }: Answer): string {
  const body = jsonOf(text);
  if (typeof body !== "object" || body === null) return "";
  const said = COMPLAINTS.map((name) => (body as Record<string, unknown>)[name]).filter(
    (one) => typeof one === "string",
  );
  const remark = redact([...new Set(said)].join(": "))
    .replace(/\s+/g, " ")
    .trim();
  if (remark === "") return "";
  return ` (${remark.length > MAX_COMPLAINT_LENGTH ? `${remark.slice(0, MAX_COMPLAINT_LENGTH - 1)}…` : remark})`;
}

/** The first field that is wrong: where, and what was expected there. */
function complaintsAbout(issues: readonly z.core.$ZodIssue[]): string {
  const [first] = issues;
  if (first === undefined) return "no reason is known.";
  const { path, message } = deepest(first);
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  return `${toPath(path)}: ${message}${more}`;
}

/** Of shapes that exclude each other, the one that fits furthest says most. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  const inner = issue.errors.flatMap(([one]) => (one === undefined ? [] : [deepest(one)]));
  const furthest = inner.reduce<z.core.$ZodIssue | undefined>(
    (best, one) => (one.path.length > (best?.path.length ?? 0) ? one : best),
    undefined,
  );
  return furthest === undefined ? issue : { ...furthest, path: [...issue.path, ...furthest.path] };
}

/** ["data", 3, "time"] → "data[3].time". */
function toPath(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  return text === "" ? "the whole" : text.replace(/^\./, "");
}
