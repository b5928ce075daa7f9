/** `search "words"`: the documented full-text query over messages, ranked, with its time and the index it used. Only reads. */
import { batchOf, commandOf } from "../batches.ts";
import { oneOf, wholeNumber } from "../cli/values.ts";
import { formatCount } from "../report/format.ts";
import type { Answer, Asked, Desk, DeskCommand } from "./desk.ts";
import { lineWidth, onOneLine, wrap } from "./lines.ts";
import { timeText } from "./run-words.ts";
import { type Found, findMessages, type Hit, LANGUAGES, MARKS, type Query } from "./search/find.ts";
import { snippetOf } from "./search/snippet.ts";

const ROLES = ["user", "assistant", "system", "tool"];
const SHOWN = 10;
const INDENT = "  ";

export const search: DeskCommand = {
  name: "search",
  summary: "Search messages for words, the best first.",
  positional: ["WORDS"],
  options: {
    lang: { ...oneOf("--lang", Object.keys(LANGUAGES)), describe: "the words' language: en or ru (default en)" },
    role: { ...oneOf("--role", ROLES), describe: `only messages of this role: ${ROLES.join(", ")}` },
    limit: { ...wholeNumber("--limit", { min: 1, max: 1_000 }), describe: `show this many (default ${SHOWN})` },
  },
  run: searchFor,
};

async function searchFor(desk: Desk, { options, words: [words = ""] }: Asked): Promise<Answer> {
  const [lang, role] = [String(options.lang ?? "en"), options.role as string | undefined];
  const language = LANGUAGES[lang];
  if (language === undefined) throw new Error(`--lang let ${lang} pass.`);
  const query: Query = { words, language, role, limit: Number(options.limit ?? SHOWN) };
  const found = await findMessages(desk.address, query, desk.signal);
  print(desk, query, found);
  const { total, index, indexExists } = found;
  const ms = Math.round(found.ms * 10) / 10;
  const hits = found.hits.map(({ headline, ...hit }) => ({ ...hit, snippet: withoutMarks(headline) }));
  const asked = { words, lang, ...(role === undefined ? {} : { role }) };
  const usage = { used: index !== undefined, name: index ?? null, exists: indexExists };
  return { exitCode: 0, document: { command: "search", exitCode: 0, ...asked, total, ms, index: usage, hits } };
}

function print({ printer, verbose }: Desk, query: Query, found: Found): void {
  const width = lineWidth();
  for (const hit of found.hits) {
    printer.line(printer.colour.cyan(headOf(hit)));
    if (verbose) for (const line of wholeText(hit.content, width)) printer.line(line);
    else printer.line(INDENT + snippetOf(hit, width - INDENT.length, printer.colour.bold));
  }
  for (const text of [sumOf(found), ...wayOf(query, found)]) wrap(text, "", width).forEach(printer.line);
}

/** "2025-03-01 12:00Z  assistant  messenger  <conversation>": 79 characters at most. */
const headOf = ({ createdAt, role, channel, conversationId }: Hit): string =>
  [timeText(createdAt.toISOString()), role, channel ?? "?", conversationId].join("  ");

const wholeText = (content: string, width: number): string[] =>
  content.split("\n").flatMap((line) => wrap(onOneLine(line), INDENT, width));

function sumOf({ hits, total, ms }: Found): string {
  const time = `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
  if (total === 0) return `No message. ${time}.`;
  const which = total > hits.length ? `The best ${hits.length} of ${formatCount(total)} messages` : messages(total);
  return `${which}, the best first. ${time}.`;
}

const messages = (count: number): string => `${formatCount(count)} ${count === 1 ? "message" : "messages"}`;

function wayOf({ language }: Query, { index, indexExists }: Found): string[] {
  if (index !== undefined) return [`The index ${index} was used.`];
  if (indexExists)
    return [`The index ${language.index} was not used: PostgreSQL took reading every message for cheaper.`];
  return ["No index: every message was read. Batch 2 makes it:", commandOf(batchOf(2).name)];
}

const withoutMarks = (headline: string): string => headline.replaceAll(MARKS.start, "").replaceAll(MARKS.stop, "");
