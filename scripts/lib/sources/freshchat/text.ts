/** The parts of a message as one text. What has no text of its own gets a placeholder; the parts themselves are kept elsewhere. */
import { plainText, textOfHtml } from "./html.ts";

type Body = Readonly<Record<string, unknown>>;

/** What becomes of the body of a part of each kind: its lines, or undefined where it can't be read. */
const READERS: Readonly<Record<string, (body: Body) => readonly string[] | undefined>> = {
  text: ({ content }) => (typeof content === "string" ? [plainText(content)] : undefined),
  email: ({ subject, content }) =>
    typeof subject === "string" || typeof content === "string"
      ? [plainText(stringOf(subject)), textOfHtml(stringOf(content))]
      : undefined,
  image: () => ["[image]"],
  video: () => ["[video]"],
  file: (body) => [named("file", body.name)],
  url_button: (body) => [named("button", body.label)],
  quick_reply_button: (body) => [named("button", body.label)],
  callback: (body) => [named("button", body.label)],
  reference: (body) => [named("button", body.label)],
  collection: ({ sub_parts }) => (Array.isArray(sub_parts) ? linesOf(sub_parts) : undefined),
  template_content: ({ sections }) => (Array.isArray(sections) ? linesOfSections(sections) : undefined),
};

/** The text of all parts, a line for each. */
export function textOfParts(parts: readonly unknown[]): string {
  const lines = linesOf(parts).filter((line) => line !== "");
  return lines.length === 0 ? "[no text]" : lines.join("\n");
}

const linesOf = (parts: readonly unknown[]): string[] =>
  parts.flatMap((part) => (isBody(part) ? linesOfPart(part) : ["[unknown part]"]));

/** A part has one key; where it has several, each of them counts. */
function linesOfPart(part: Body): string[] {
  return Object.entries(part).flatMap(([kind, body]) => {
    const lines = isBody(body) && Object.hasOwn(READERS, kind) ? READERS[kind]?.(body) : undefined;
    return lines ?? [`[unknown part: ${kind}]`];
  });
}

const linesOfSections = (sections: readonly unknown[]): string[] =>
  sections.flatMap((section) =>
    isBody(section) && Array.isArray(section.parts) ? linesOf(section.parts) : ["[unknown part]"],
  );

const named = (what: string, name: unknown): string => {
  const text = plainText(stringOf(name));
  return text === "" ? `[${what}]` : `[${what}: ${text}]`;
};

const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);
const stringOf = (value: unknown): string => (typeof value === "string" ? value : "");
