import { describe, expect, test } from "@jest/globals";
import { type Fetched, namesIn, pageOf, quarantineKey } from "../../scripts/lib/thread.ts";

const AT = { start: { after: "" }, cursor: { after: "501" } };

const partOf = (...ids: string[]): Fetched => ({
  cursor: AT.cursor,
  refused: [{ key: "501/x", code: "TIME", message: "no time" }],
  settles: ["501"],
  thread: {
    id: "501",
    key: "501",
    channel: "whatsapp",
    coverage: { kind: "unknown" },
    messages: ids.map((id) => ({ id, key: `501/${id}`, role: "user", content: id, at: "2025-01-01T00:00:00Z" })),
  },
});

describe("A page of threads", () => {
  test("is as large as its messages, and names the only one", () => {
    expect(pageOf([partOf("a")], AT)).toMatchObject({ size: 1, key: "501/a", settles: ["501"] });
    expect(pageOf([partOf("a", "b")], AT)).toMatchObject({ size: 2, refused: [{ key: "501/x" }] });
    expect(pageOf([partOf("a", "b")], AT)).not.toHaveProperty("key");
  });

  test("counts a thread without messages as one item, which has the thread's key", () => {
    expect(pageOf([partOf()], AT)).toMatchObject({ size: 1, key: "501" });
    expect(pageOf([{ cursor: AT.cursor }], AT)).toMatchObject({ size: 0, counters: {} });
  });
});

test.each([[["501", "a"]], [["shop/1", "1:aa%2F", ""]], [["%", "%25", "/", "%00", "a\0"]]])(
  "The names %j can be read out of the key that they make",
  (names) => {
    expect(namesIn(quarantineKey(...names))).toEqual(names);
  },
);
