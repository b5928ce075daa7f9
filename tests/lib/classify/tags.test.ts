import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { readTags } from "../../../scripts/lib/classify/tags.ts";
import { UserError } from "../../../scripts/lib/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "tags-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): string {
  const file = join(folder, "tags.json");
  writeFileSync(file, text);
  return file;
}

const tag = (name: string, description = "Something.") => ({ name, description });

test("the tags that come along are there, in their order of precedence", () => {
  expect(readTags().map(({ name }) => name)).toEqual([
    "spam",
    "refund_requested",
    "complaint",
    "delivery",
    "no_reply",
    "praise",
    "resolved",
    "question",
    "untagged",
  ]);
});

test("each description is one sentence or two", () => {
  for (const { description } of readTags()) expect(description).toMatch(/^[^.]+\.( [^.]+\.)?$/);
});

test("a list of one's own is read in its order, with or without a byte order mark", () => {
  const tags = [tag("wholesale"), tag("untagged")];
  expect(readTags(fileOf(JSON.stringify(tags)))).toEqual(tags);
  expect(readTags(fileOf(`\uFEFF${JSON.stringify(tags)}`))).toEqual(tags);
});

test.each([
  { name: "no JSON", text: "[{", says: /is not JSON/ },
  { name: "no list", text: "{}", says: /expected array/ },
  { name: "an empty list", text: "[]", says: /one of the tags is "untagged"/ },
  { name: "no untagged", tags: [tag("wholesale")], says: /one of the tags is "untagged"/ },
  { name: "a name twice", tags: [tag("untagged"), tag("a"), tag("a")], says: /tag 3, name: "a" stands there twice/ },
  {
    name: "a name that no column of counts would like",
    tags: [tag("untagged"), tag("Big deal")],
    says: /tag 2, name: takes small letters/,
  },
  { name: "no description", tags: [{ name: "untagged" }], says: /tag 1, description: / },
  { name: "a blank description", tags: [tag("untagged", " ")], says: /tag 1, description: says in a sentence/ },
  { name: "a field that nobody reads", tags: [{ ...tag("untagged"), colour: "red" }], says: /tag 1: .*colour/ },
])("$name is refused in one line that says where", ({ text, tags, says }) => {
  const file = fileOf(text ?? JSON.stringify(tags));
  const complaint = complaintOf(file);
  expect(complaint).toBeInstanceOf(UserError);
  expect(complaint?.message).toMatch(says);
  expect(complaint?.message).toContain(file);
  expect(complaint?.message).not.toContain("\n");
});

test("a file that is not there is named", () => {
  const file = join(folder, "none.json");
  expect(complaintOf(file)?.message).toContain(`${file} can't be read`);
});

function complaintOf(file: string): Error | undefined {
  try {
    readTags(file);
  } catch (error) {
    return error as Error;
  }
  return undefined;
}
