import { expect, test } from "@jest/globals";
import { excerpt, formatBytes, formatCount, formatDuration } from "../../../scripts/lib/report/format.ts";

test.each([
  [0, "0"],
  [999, "999"],
  [38_768, "38,768"],
  [1_234.6, "1,235"],
])("the count %d is %s", (count, text) => expect(formatCount(count)).toBe(text));

test.each([
  [0, "0.0 s"],
  [840, "0.8 s"],
  [9_949, "9.9 s"],
  [9_950, "10 s"],
  [42_000, "42 s"],
  [59_499, "59 s"],
  [59_500, "1 min 0 s"],
  [200_000, "3 min 20 s"],
  [3_599_600, "1 h 00 min"],
  [7_500_000, "2 h 05 min"],
])("%d milliseconds are %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

test("an excerpt is one line, and never half a character", () => {
  expect(excerpt("a\n  b", 10)).toBe("a b");
  expect(excerpt("abcdef", 6)).toBe("abcdef");
  expect(excerpt("abcdefg", 6)).toBe("abcde…");
  expect(excerpt("😀".repeat(5), 3)).toBe("😀😀…");
});

test.each([
  [0, "0 bytes"],
  [1023, "1023 bytes"],
  [1536, "1.5 kB"],
  [20 * 1024 ** 2, "20 MB"],
  [5.25 * 1024 ** 4, "5.3 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
