import { expect, test } from "@jest/globals";
import { momentOf } from "../../../../scripts/lib/sources/umnico/times.ts";

const MOSCOW = "Europe/Moscow";
const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());
const read = (value: string | number | null, zone = MOSCOW) => {
  const moment = momentOf(value, zone);
  return moment && { minute: iso(moment.minute), exact: iso(moment.exact) };
};
const minute = (text: string) => ({ minute: text, exact: undefined });
const exact = (text: string) => ({ minute: `${text.slice(0, 16)}:00.000Z`, exact: text });

test.each([
  ["25.11.2025 10:40", minute("2025-11-25T07:40:00.000Z")],
  ["09.11.2025 10:40", minute("2025-11-09T07:40:00.000Z")],
  ["9.1.2025, 9:05", minute("2025-01-09T06:05:00.000Z")],
  ["25.11.2025 00:10", minute("2025-11-24T21:10:00.000Z")],
  ["25.11.2025 10:40:07", exact("2025-11-25T07:40:07.000Z")],
  ["2025-11-25T10:40", minute("2025-11-25T07:40:00.000Z")],
  ["2025-11-25 10:40:07", exact("2025-11-25T07:40:07.000Z")],
  ["2025-11-25T10:40:07.123Z", exact("2025-11-25T10:40:07.123Z")],
  ["2025-11-25T10:40:07+0300", exact("2025-11-25T07:40:07.000Z")],
  ["2025-11-25T10:40Z", minute("2025-11-25T10:40:00.000Z")],
  [1764056407, exact("2025-11-25T07:40:07.000Z")],
  ["1764056407", exact("2025-11-25T07:40:07.000Z")],
  [1764056407123, exact("2025-11-25T07:40:07.123Z")],
])("%p is read as it is meant", (text, moment) => {
  expect(read(text)).toEqual(moment);
});

test.each(["", null, "10:40", "2025", "2025-11-25", "31.02.2025 10:40", "25.13.2025 10:40", "25.11.2025 25:40"])(
  "%p is no time, and nothing is made up for it",
  (text) => {
    expect(read(text)).toBeUndefined();
  },
);

test.each(["yesterday", "11/25/2025 10:40", "2025-02-31T10:00", 0, -5, 1.5, "99999999999999999999", "12345678"])(
  "%p is refused, too",
  (text) => {
    expect(read(text)).toBeUndefined();
  },
);

test("a time of its own zone doesn't follow --timezone, one without does", () => {
  expect(read("25.11.2025 10:40", "Asia/Tokyo")).toEqual(minute("2025-11-25T01:40:00.000Z"));
  expect(read("2025-11-25T10:40:00Z", "Asia/Tokyo")).toEqual(exact("2025-11-25T10:40:00.000Z"));
});

test("an hour that the clock leaves out counts as the next one, one that comes twice always as the same", () => {
  expect(read("30.03.2025 02:30", "Europe/Berlin")).toEqual(minute("2025-03-30T01:30:00.000Z"));
  expect(read("30.03.2025 03:30", "Europe/Berlin")).toEqual(minute("2025-03-30T01:30:00.000Z"));
  expect(read("26.10.2025 02:30", "Europe/Berlin")).toEqual(minute("2025-10-26T01:30:00.000Z"));
  expect(read("26.10.2025 01:59", "Europe/Berlin")).toEqual(minute("2025-10-25T23:59:00.000Z"));
});
