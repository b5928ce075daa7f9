import type { Chat } from "../classifier.ts";
import { addWords, isSpoken, noWords, type Words } from "./words.ts";

/** How much of a chat is read, in UTF-16 units: what it is about stands at its beginning, how it went at its end. */
const HEAD = 2_000;
const TAIL = 6_000;
/** A word that the cut goes through is left out, if it is no longer than this. */
const CUT_WORD = 40;

/** A chat as the rules see it. Lines of systems and tools are left out: neither side wrote them. */
export interface Reading {
  readonly customer: Words;
  readonly business: Words;
  /** The lines from which on each side's closing counts; Infinity where a side did not write. */
  readonly customerClosing: number;
  readonly businessClosing: number;
  /** The business wrote something before the customer's closing. */
  readonly answered: boolean;
  /** The business has not written at all. */
  readonly alone: boolean;
  /** How many words the customer used, marks and emoji aside, and whether there is one in the closing. */
  readonly spoken: number;
  readonly closingSpoken: boolean;
  readonly unanswered: boolean;
}

interface Part {
  readonly customer: boolean;
  readonly text: string;
  readonly line: number;
}

/** Reads a chat's first and last characters, whatever its length. */
export function readChat({ lines, unanswered }: Chat): Reading {
  const parts: Part[] = [];
  lines.forEach(({ role, text }, line) => {
    if ((role === "user" || role === "assistant") && text.trim() !== "")
      parts.push({ customer: role === "user", text, line });
  });
  const customer = noWords();
  const business = noWords();
  const length = parts.reduce((sum, { text }) => sum + text.length, 0);
  let offset = 0;
  for (const part of parts) {
    const into = part.customer ? customer : business;
    for (const text of readable(part.text, HEAD - offset, length - TAIL - offset)) addWords(into, text, part.line);
    offset += part.text.length;
  }
  const customerClosing = closingOf(parts, true);
  const first = parts.find((part) => !part.customer);
  return {
    customer,
    business,
    customerClosing,
    businessClosing: closingOf(parts, false),
    answered: first !== undefined && first.line < customerClosing,
    alone: first === undefined,
    spoken: customer.words.reduce((count, word) => count + Number(isSpoken(word)), 0),
    closingSpoken: customer.words.some((word, at) => (customer.lines[at] ?? -1) >= customerClosing && isSpoken(word)),
    unanswered,
  };
}

/** What of a text stands before `head` or after `tail`. */
function readable(text: string, head: number, tail: number): string[] {
  if (head >= text.length || tail <= 0 || tail <= head) return [text];
  return [head > 0 ? upTo(text, head) : "", tail < text.length ? from(text, tail) : ""].filter((part) => part !== "");
}

function upTo(text: string, end: number): string {
  const space = text.lastIndexOf(" ", end);
  return text.slice(0, end - space > CUT_WORD ? end : Math.max(0, space));
}

function from(text: string, start: number): string {
  const space = text.indexOf(" ", start - 1);
  return text.slice(space === -1 || space - start > CUT_WORD ? start : space);
}

/** The first line of those that a side wrote last, without one of the other side between them. */
function closingOf(parts: readonly Part[], customer: boolean): number {
  const last = parts.findLastIndex((part) => part.customer === customer);
  if (last === -1) return Number.POSITIVE_INFINITY;
  const other = parts.findLastIndex((part, index) => index < last && part.customer !== customer);
  return parts[other + 1]?.line ?? Number.POSITIVE_INFINITY;
}
