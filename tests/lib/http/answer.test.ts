import { expect, test } from "@jest/globals";
import { z } from "zod";
import { type Answer, parse, readAs, remarkIn } from "../../../scripts/lib/http/answer.ts";
import { ItemRefused } from "../../../scripts/lib/http/errors.ts";
import { keepSecret } from "../../../scripts/lib/report/redact.ts";

const ASKED = { service: "Echo", path: "/v2/things" };
const answer = (body: unknown, status = 200): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  text: typeof body === "string" ? body : JSON.stringify(body),
});

function refusal(body: unknown, schema: z.ZodType): ItemRefused {
  try {
    readAs(ASKED, parse(ASKED, answer(body)), schema);
  } catch (error) {
    if (error instanceof ItemRefused) return error;
    throw error;
  }
  throw new Error("It was not refused.");
}

const THINGS = z.object({ data: z.array(z.object({ time: z.string(), kind: z.enum(["a", "b"]).optional() })) });

test("What fits comes as the schema makes it", () => {
  const schema = z.object({ n: z.string().transform(Number) });
  expect(readAs(ASKED, parse(ASKED, answer({ n: "7", more: true })), schema)).toEqual({ n: 7 });
});

test.each<[what: string, body: unknown, complaint: string]>([
  ["a field of another type", { data: [{ time: "" }, { time: 4711 }] }, "data[1].time: "],
  ["a field that is missing", { data: [{}] }, "data[0].time: "],
  ["a word that is not one of the allowed", { data: [{ time: "", kind: "hush4711" }] }, "data[0].kind: "],
  ["several fields", { data: [{ time: 4711, kind: "hush4711" }] }, "data[0].time: "],
  ["another shape altogether", ["hush4711"], "the whole: "],
])("%s is named by its path, without the value", (_, body, complaint) => {
  const { message, code } = refusal(body, THINGS);
  expect(code).toBe("SCHEMA");
  expect(message).toContain(`Echo answered /v2/things otherwise than expected: ${complaint}`);
  expect(message).toMatch(/expected/);
  expect(message).not.toContain("4711");
});

test("Of several shapes, the one that fits furthest is complained about", () => {
  const schema = z.object({ part: z.union([z.string(), z.object({ text: z.object({ content: z.string() }) })]) });
  expect(refusal({ part: { text: { content: 1 } } }, schema).message).toContain("part.text.content: ");
  expect(refusal({ part: 1 }, schema).message).toContain("part: Invalid input");
});

test.each(["<html>hush4711</html>", "hush4711", '{"time": hush4711}', "[1]]"])(
  "What is not JSON is not quoted: %s",
  (text) => {
    const { message, code, cause } = refusal(text, THINGS);
    expect(code).toBe("NOT_JSON");
    expect(message).toBe(
      `Echo answered /v2/things with what is not JSON (application/json, ${text.length} characters).`,
    );
    expect(cause).toBeUndefined();
  },
);

test.each([
  "",
  " \n",
  "[",
  '{"data":[{"time":"hush4711',
  '{"data":[{"time":"hush4711\\"}]}',
  ' {"data":[{"time":"}]}"}',
])("What breaks off in the middle of JSON is said to do so, and is not quoted: %s", (text) => {
  const { message, code } = refusal(text, THINGS);
  expect(code).toBe("NOT_JSON");
  expect(message).toBe(
    `Echo broke off its answer to /v2/things in the middle of its JSON, after ${text.length} characters.`,
  );
});

test("Wherever a body is cut, that is seen", () => {
  const whole = JSON.stringify({ data: [{ text: 'a "quoted\\" [brace', n: -1.5e3 }, [], {}, null], ok: true });
  for (let length = 0; length < whole.length; length++)
    expect(() => parse(ASKED, answer(whole.slice(0, length)))).toThrow("in the middle of its JSON");
});

test("An error keeps its status, whatever its body is", () => {
  for (const body of ["", '{"message":']) expect(parse(ASKED, answer(body, 500)).value).toBeUndefined();
});

test.each<[body: unknown, remark: string]>([
  [{ title: "Not found", detail: "no such chat", requestId: "r-1" }, " (Not found: no such chat)"],
  [{ ok: false, error: "page\n  crashed" }, " (page crashed)"],
  [{ message: "same", error: "same" }, " (same)"],
  [{ error: { code: 7 } }, ""],
  [{ message: "x".repeat(500) }, ` (${"x".repeat(199)}…)`],
  ["<html>no</html>", ""],
  ["null", ""],
  [[1], ""],
])("Of an error's body %j only a short remark is shown", (body, remark) => {
  expect(remarkIn(answer(body, 500))).toBe(remark);
});

test("A remark that quotes a token is shown without it", () => {
  keepSecret("tok-4711-abc");
  expect(remarkIn(answer({ message: "tok-4711-abc is expired" }, 401))).toBe(" (*** is expired)");
});
