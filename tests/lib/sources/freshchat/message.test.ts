import { describe, expect, test } from "@jest/globals";
import { isPrivateNote, readItem } from "../../../../scripts/lib/sources/freshchat/message.ts";
import { message, type Wire } from "../../../helpers/stand-ins/freshchat.ts";

const read = (fields: Wire) => readItem(message("c1", 1, fields), "c1");

describe("A message", () => {
  test.each([
    { actor_type: "user", role: "user" },
    { actor_type: "agent", role: "assistant" },
    { actor_type: "bot", role: "assistant" },
    { actor_type: "AGENT", role: "assistant" },
  ])("of a $actor_type has the role $role", ({ actor_type, role }) => {
    expect(read({ actor_type }).message).toMatchObject({ id: "c1-m1", key: "c1/c1-m1", role, content: "text 1" });
  });

  test.each([
    { actor_type: "system" },
    { message_type: "system" },
    { message_source: "system" },
    { message_source: "SYSTEM", actor_type: "agent" },
    { message_type: "System", actor_type: "user" },
  ])("that is a system message by %j is neither kept nor refused", (fields) => {
    const item = read(fields);
    expect([item.message, item.refused]).toEqual([undefined, undefined]);
  });

  test.each([
    { message_type: "private" },
    { message_type: "PRIVATE" },
    { botsPrivateNote: true },
    { botsPrivateNote: "true" },
  ])("that is private by %j has the role system, and says so", (fields) => {
    const kept = read(fields).message;
    expect(kept).toMatchObject({ role: "system", metadata: { private: true } });
    expect(kept && isPrivateNote(kept)).toBe(true);
  });

  test("keeps its parts, and what else the service says", () => {
    const fields = {
      message_parts: [{ file: { name: "a.pdf", url: "https://example.test/a.pdf" } }],
      reply_parts: [{ collection: { sub_parts: [{ quick_reply_button: { label: "Yes" } }] } }],
      in_reply_to: { message_id: "c1-m0" },
      meta_data: { isResolved: "true" },
      status: "failed",
      error_code: 131047,
      error_message: "re-engagement message",
      rating: 5,
    };
    expect(read(fields).message).toEqual({
      id: "c1-m1",
      key: "c1/c1-m1",
      role: "user",
      content: "[file: a.pdf]\n[button: Yes]",
      at: "2024-01-05T10:01:00.000Z",
      metadata: {
        actorType: "user",
        actorId: "user-1",
        messageType: "normal",
        messageSource: "WEB",
        parts: fields.message_parts,
        replyParts: fields.reply_parts,
        inReplyTo: fields.in_reply_to,
        metaData: fields.meta_data,
        status: "failed",
        errorCode: 131047,
        errorMessage: "re-engagement message",
      },
    });
  });

  test.each([
    { fields: { id: undefined }, code: "NO_ID" },
    { fields: { id: " " }, code: "NO_ID" },
    { fields: { message_parts: [], reply_parts: [] }, code: "NO_PARTS" },
    { fields: { message_parts: undefined }, code: "NO_PARTS" },
    { fields: { created_time: undefined }, code: "TIME" },
    { fields: { created_time: "yesterday" }, code: "TIME" },
    { fields: { created_time: "09.11.2025 10:40" }, code: "TIME" },
    { fields: { created_time: "2024-02-30T10:00:00.000Z" }, code: "TIME" },
    { fields: { created_time: 1704448860000 }, code: "TIME" },
    { fields: { created_time: "2024-01-05T10:00:00.000+99:00" }, code: "TIME" },
    { fields: { actor_type: "robot" }, code: "ACTOR" },
    { fields: { actor_type: null }, code: "ACTOR" },
    { fields: { message_parts: "hi" }, code: "SCHEMA", says: /^message_parts: .*expected array/ },
    { fields: { actor_type: 7 }, code: "SCHEMA", says: /^actor_type: / },
  ])("with $fields is refused: $code", ({ fields, code, says = /./ }) => {
    const item = read(fields as Wire);
    expect(item.message).toBeUndefined();
    expect(item.refused).toMatchObject({ key: item.key, code, message: expect.stringMatching(says) });
  });

  test("without an id has a key that stays the same, and differs from the next one's", () => {
    const [a, b, c] = ["hi", "hi", "ho"].map((content) =>
      read({ id: undefined, message_parts: [{ text: { content } }] }),
    );
    expect(a?.key).toMatch(/^c1\/#[0-9a-f]{32}$/);
    expect(b?.key).toBe(a?.key);
    expect(c?.key).not.toBe(a?.key);
  });

  test.each([null, 7, "text", []])("that is %j is refused", (raw) => {
    expect(readItem(raw, "c1").refused?.code).toBe("SCHEMA");
  });

  test("that is nested without end is refused, not the run", () => {
    const parts = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
    expect(read({ message_parts: parts }).refused).toMatchObject({ key: "c1/c1-m1", code: "SCHEMA" });
    expect(read({ id: undefined, meta_data: parts }).refused?.code).toBe("SCHEMA");
  });

  test.each([
    { created_time: "2024-01-05T10:00:00.123456Z", at: "2024-01-05T10:00:00.123456Z" },
    { created_time: "2024-01-05T10:00:00+03:00", at: "2024-01-05T10:00:00+03:00" },
    { created_time: "2024-01-05T10:00:00.000", at: "2024-01-05T10:00:00.000Z" },
  ])("of $created_time keeps every digit: $at", ({ created_time, at }) => {
    expect(read({ created_time }).message?.at).toBe(at);
  });
});
