import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { UserError } from "../errors.ts";
import type { Tag } from "./classifier.ts";

/** The tag of a chat that no other tag fits. Every list of tags has it. */
export const UNTAGGED = "untagged";

/** The tags that come along. */
export const DEFAULT_TAGS = fileURLToPath(new URL("../../migrations/classify-chats/tags.json", import.meta.url));

const TAGS = z
  .array(
    z.strictObject({
      name: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, "takes small letters, digits and _, the first a letter"),
      description: z.string().trim().min(1, "says in a sentence or two when a chat has this tag"),
    }),
  )
  .superRefine((tags, context) => {
    const names = tags.map(({ name }) => name);
    names.forEach((name, index) => {
      if (names.indexOf(name) < index)
        context.addIssue({ code: "custom", path: [index, "name"], message: `"${name}" stands there twice` });
    });
    if (!names.includes(UNTAGGED))
      context.addIssue({ code: "custom", message: `one of the tags is "${UNTAGGED}", for chats that no other fits` });
  });

/**
 * Reads a list of tags: a JSON array of `{"name", "description"}`. Its order is their precedence: where several tags fit a
 * chat, the first does. Throws a UserError that says what is wrong with the file.
 */
export function readTags(file: string = DEFAULT_TAGS): readonly Tag[] {
  const { data, error } = TAGS.safeParse(parse(file));
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw new UserError(`${file}: ${placeOf(issue?.path ?? [])}${issue?.message}.`);
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
  } catch (error) {
    const what = error instanceof SyntaxError ? "is not JSON" : "can't be read";
    throw new UserError(`${file} ${what}: ${(error as Error).message}`, { cause: error });
  }
}

/** ["0", "name"] → "tag 1, name: ". */
function placeOf([index, ...names]: readonly PropertyKey[]): string {
  return index === undefined ? "" : `${[`tag ${Number(index) + 1}`, ...names.map(String)].join(", ")}: `;
}
