import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Labelled, readLabelled } from "../../../scripts/lib/classify/labelled.ts";
import { readTags } from "../../../scripts/lib/classify/tags.ts";

const CHATS = fileURLToPath(new URL("../../fixtures/labelled-chats", import.meta.url));

describe("The labelled chats that come along", () => {
  const all = readLabelled(CHATS);
  const tags = readTags().map(({ name }) => name);
  const count = (fits: (labelled: Labelled) => boolean) => all.filter(fits).length;

  test("every tag has the same number of chats in each language, a third of them in dev", () => {
    const counts = tags.flatMap((tag) =>
      ["en", "ru"].map((language) =>
        ["dev", "test"].map((split) => count((l) => l.tag === tag && l.language === language && l.split === split)),
      ),
    );
    expect(counts).toEqual(counts.map(() => [6, 12]));
    expect(all).toHaveLength(2 * 18 * tags.length);
  });

  test("none is there twice, also not in other capitals or with other signs", () => {
    const texts = all.map(({ chat }) =>
      chat.lines
        .map(({ role, text }) => `${role} ${text}`)
        .join(" ")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\p{Emoji}]+/gu, " "),
    );
    expect(texts.filter((text, index) => texts.indexOf(text) < index)).toEqual([]);
  });

  test("only a chat in which the customer wrote last can be unanswered", () => {
    const odd = all.filter(({ chat }) => chat.unanswered && chat.lines.at(-1)?.role !== "user");
    expect(odd.map(({ chat }) => chat.id)).toEqual([]);
    expect(count(({ tag, chat }) => tag === "no_reply" && !chat.unanswered)).toBe(0);
    expect(count(({ tag, chat }) => tag !== "no_reply" && chat.unanswered)).toBeGreaterThan(100);
  });

  test("no address leads anywhere, and no number could be somebody's telephone", () => {
    const text = all.flatMap(({ chat }) => chat.lines.map((line) => line.text)).join("\n");
    const addresses = text.match(/(?:https?:\/\/|www\.)[^\s/]+|[\w.]+@[\w.]+\.\w+/g) ?? [];
    expect(addresses.length).toBeGreaterThan(10);
    expect(addresses.filter((address) => !address.endsWith(".example"))).toEqual([]);
    expect(text.match(/\+?\d(?:[\s()-]*\d){9,}/g)).toBeNull();
  });
});

describe("A file of labelled chats", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "labelled-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const line = (changes: object = {}) =>
    JSON.stringify({
      ...{ id: "1", language: "en", split: "dev", tag: "praise", unanswered: false },
      lines: [
        ["user", "Lovely!"],
        ["assistant", "Thank you"],
      ],
      ...changes,
    });
  async function fileOf(...lines: string[]): Promise<string> {
    const file = join(folder, "chats.jsonl");
    await writeFile(file, lines.join("\n"));
    return file;
  }

  test("becomes chats, whose lines get a minute each", async () => {
    expect(readLabelled(await fileOf(line(), "", line({ id: "2", tag: "spam", unanswered: true })))).toEqual([
      {
        ...{ language: "en", split: "dev", tag: "praise" },
        chat: {
          ...{ id: "1", channel: "labelled", unanswered: false },
          lines: [
            { role: "user", text: "Lovely!", at: "2025-11-03T09:00:00.000Z" },
            { role: "assistant", text: "Thank you", at: "2025-11-03T09:01:00.000Z" },
          ],
        },
      },
      expect.objectContaining({ tag: "spam", chat: expect.objectContaining({ id: "2", unanswered: true }) }),
    ]);
  });

  test.each([
    ["not JSON", "{", "not JSON."],
    ["another split", line({ id: "2", split: "train" }), "not a labelled chat. split: "],
    ["another role", line({ id: "2", lines: [["robot", "Hi"]] }), "not a labelled chat. lines.0.0: "],
    ["no lines", line({ id: "2", lines: [] }), "not a labelled chat. lines: "],
    ["a field too many", line({ id: "2", tags: [] }), "not a labelled chat. "],
    ["the id of another", line(), "the id 1 was there before."],
  ])("with a line that has %s is refused, with the line's number", async (_name, bad, message) => {
    const file = await fileOf(line(), bad);
    expect(() => readLabelled(file)).toThrow(`${file}:2: ${message}`);
  });

  test("that is not there, or a folder without one, is the user's mistake", () => {
    expect(() => readLabelled(join(folder, "none"))).toThrow(`There is no file ${join(folder, "none")}.`);
    const empty = fileURLToPath(new URL(".", import.meta.url));
    expect(() => readLabelled(empty)).toThrow("ends in .jsonl.");
  });
});
