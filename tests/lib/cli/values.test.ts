import { expect, test } from "@jest/globals";
import yargs from "yargs";
import { byteSize, byteSizeText, duration, durationText, oneOf } from "../../../scripts/lib/cli/values.ts";

const parse = (...argv: string[]) =>
  yargs()
    .options({ wait: duration("--wait"), size: byteSize("--size"), colour: oneOf("--colour", ["red", "blue"]) })
    .exitProcess(false)
    .fail((message) => {
      throw new Error(message);
    })
    .parseSync(argv);

test.each([
  ["0s", 0],
  ["500ms", 500],
  ["10s", 10_000],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["48h", 172_800_000],
])("the length of time %s is %d milliseconds", (text, ms) => expect(parse("--wait", text).wait).toBe(ms));

test.each([
  ["64kB", 65_536],
  ["500MB", 524_288_000],
  ["10GB", 10_737_418_240],
  ["1TB", 1_099_511_627_776],
])("the size %s is %d bytes", (text, bytes) => expect(parse("--size", text).size).toBe(bytes));

test("one word out of a set is taken, any other is refused with what is allowed", () => {
  expect(parse("--colour", "blue").colour).toBe("blue");
  for (const word of ["blu", "Red", "red,blue", ""])
    expect(() => parse(`--colour=${word}`)).toThrow(`--colour takes one of red, blue, not "${word}".`);
});

test("options that are left out stay undefined", () => {
  const { wait, size } = parse();
  expect([wait, size]).toEqual([undefined, undefined]);
});

test.each(["10", "10 s", "1.5h", "-5s", "s", "10S", "1d", "10s5", "99999999999999999999h", "1constructor"])(
  "the length of time %s is refused with what is allowed",
  (text) => {
    const complaint = `--wait takes a length of time such as 500ms, 10s, 5m or 2h, not "${text}".`;
    expect(() => parse(`--wait=${text}`)).toThrow(complaint);
  },
);

test.each(["10", "10gb", "10KB", "1.5GB", "GB", "5B", "99999999999TB"])(
  "the size %s is refused with what is allowed",
  (text) => {
    const complaint = `--size takes a size such as 64kB, 500MB, 10GB or 1TB, not "${text}".`;
    expect(() => parse(`--size=${text}`)).toThrow(complaint);
  },
);

test.each([
  [0, "0ms"],
  [500, "500ms"],
  [1_500, "1500ms"],
  [10_000, "10s"],
  [90_000, "90s"],
  [600_000, "10m"],
  [7_200_000, "2h"],
])("%d milliseconds are typed %s", (ms, text) => expect(durationText(ms)).toBe(text));

test.each([
  [65_536, "64kB"],
  [1_572_864, "1536kB"],
  [10_737_418_240, "10GB"],
  [1_099_511_627_776, "1TB"],
])("%d bytes are typed %s", (bytes, text) => expect(byteSizeText(bytes)).toBe(text));
