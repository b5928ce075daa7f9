import { describe, expect, test } from "@jest/globals";
import { coverageOf, doubtsOf, mayBeCut } from "../../../../scripts/lib/sources/umnico/coverage.ts";
import { MESSAGES } from "../../../../scripts/lib/sources/umnico/wire.ts";

/** An answer with so many messages, of which nothing is said to be wrong. */
const answer = (messages: number, more: object = {}) =>
  MESSAGES.parse({ ok: true, count: messages, data: Array.from({ length: messages }, () => ({})), ...more });

const cover = (messages: number, more: object = {}, { recent = false, overlaps = false, hasMessages = true } = {}) =>
  coverageOf(doubtsOf(answer(messages, more), { recent, hasMessages }), { recent, overlaps });

const COMPLETE = { kind: "complete" };
const partial = (reason: string) => ({ kind: "partial", reason });

describe("A dialog that was asked for as a whole", () => {
  test.each([
    [{ incomplete: true }, "incomplete"],
    [{ needsManualProcessing: true }, "needsManualProcessing"],
    [{ isExactly30: true }, "isExactly30"],
    [{ total: 80 }, "total 80, but 30 messages"],
    [{ incomplete: true, isExactly30: true }, "incomplete, isExactly30"],
    [{ total: 30, incomplete: true }, "incomplete"],
    [{ count: 31 }, "count 31, but 30 messages"],
  ])("is partial with %j", (more, reason) => {
    expect(cover(30, more)).toEqual(partial(reason));
  });

  test("is whole where nothing speaks against it, or its total is reached", () => {
    expect(cover(31)).toEqual(COMPLETE);
    expect(cover(30, { total: null })).toEqual(COMPLETE);
    expect(cover(30, { total: 30, isExactly30: true, needsManualProcessing: true })).toEqual(COMPLETE);
    expect(cover(0, {}, { hasMessages: false })).toEqual(COMPLETE);
  });

  test("is partial where none of its messages came, and where the service stops scrolling", () => {
    expect(cover(0)).toEqual(partial("no messages, though there are some"));
    expect(cover(10_000)).toEqual(partial("10000 messages, where the service stops"));
    expect(cover(10_000, { total: 10_000 })).toEqual(COMPLETE);
  });

  test("is whole where it overlaps with what was whole, unless it contradicts itself", () => {
    expect(cover(30, { incomplete: true, isExactly30: true }, { overlaps: true })).toEqual(COMPLETE);
    expect(cover(30, { count: 31 }, { overlaps: true })).toEqual(partial("count 31, but 30 messages"));
  });
});

describe("A dialog of which only the newest was asked for", () => {
  test("is a window, not partial, whatever the service wonders about", () => {
    expect(cover(30, { isExactly30: true, incomplete: true }, { recent: true })).toEqual({
      kind: "window",
      reason: "recent",
    });
    expect(cover(3, {}, { recent: true })).toMatchObject({ kind: "window" });
  });

  test("is whole where that is proven, and partial where it contradicts itself", () => {
    expect(cover(30, {}, { recent: true, overlaps: true })).toEqual(COMPLETE);
    expect(cover(30, { total: 30 }, { recent: true })).toEqual(COMPLETE);
    expect(cover(30, { count: 29 }, { recent: true })).toMatchObject({ kind: "partial" });
  });
});

test("a window may begin in the middle of the dialog unless it is whole by itself, or less than the page loads", () => {
  const cut = (messages: number, more: object, recent: boolean) =>
    mayBeCut(doubtsOf(answer(messages, more), { recent, hasMessages: true }), { recent, messages });
  expect([cut(30, {}, false), cut(30, { total: 30 }, true), cut(29, {}, true)]).toEqual([false, false, false]);
  expect([cut(30, {}, true), cut(3, { isExactly30: true }, true), cut(30, { count: 3 }, false)]).toEqual([
    true,
    true,
    true,
  ]);
});
