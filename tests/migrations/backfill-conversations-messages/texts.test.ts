import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addAudit } from "../../helpers/audits.ts";
import { addLead, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";

const db = useDatabase();

interface Case {
  readonly name: string;
  readonly payload: unknown;
  readonly action?: string;
  /** Null: the audit has no text, and makes no message. */
  readonly text: string | null;
}

const EMOJI = "😀";
const WHITE = " \t\r\n\f\v";

/** A payload that has no text of its own and is `length` characters as compact JSON. */
const jsonOf = (length: number, filler = "x") => ({ note: filler.repeat(length - '{"note":""}'.length) });

const cut = (json: string) => `${[...json].slice(0, 997).join("")}...`;

const CASES: readonly Case[] = [
  { name: "text", payload: { text: "Hi" }, text: "Hi" },
  { name: "message", payload: { message: "Hi" }, text: "Hi" },
  { name: "content", payload: { content: "Hi" }, text: "Hi" },
  { name: "text goes before message before content", payload: { content: "c", message: "b", text: "a" }, text: "a" },
  { name: "a blank text with a message behind it", payload: { text: " \t", message: "b" }, text: "b" },
  { name: "an empty text with a content behind it", payload: { text: "", content: "c" }, text: "c" },
  { name: "a text that is no string, with a message", payload: { text: 5, message: "b" }, text: "b" },
  { name: "a text that is null, with a content", payload: { text: null, content: "c" }, text: "c" },
  { name: "a text that is an object, alone", payload: { text: { a: 1 } }, text: '{"text":{"a":1}}' },
  { name: "a body of a message sent", action: "message_sent", payload: { body: "Hi" }, text: "Hi" },
  { name: "a body of a message received", action: "message_received", payload: { body: "Hi" }, text: "Hi" },
  { name: "a body of any other action", action: "note_added", payload: { body: "Hi" }, text: '{"body":"Hi"}' },
  { name: "a body goes last", action: "message_sent", payload: { body: "d", content: "c" }, text: "c" },
  { name: "white space at both ends", payload: { text: `${WHITE}a b${WHITE}` }, text: "a b" },
  { name: "white space inside stays", payload: { text: "a \n\v b" }, text: "a \n\v b" },
  { name: "vertical tab and form feed alone are blank", payload: { text: "\v\f", message: "b" }, text: "b" },
  { name: "a no-break space is a character", payload: { text: "\u00a0" }, text: "\u00a0" },
  { name: "a no-break space at the ends stays", payload: { text: " \u00a0a\u00a0 " }, text: "\u00a0a\u00a0" },
  { name: "a payload that is a string", payload: "  Hi  ", text: "Hi" },
  { name: "a payload that is a blank string", payload: WHITE, text: null },
  { name: "a payload that is an empty string", payload: "", text: null },
  { name: "null", payload: null, text: null },
  { name: "an empty object", payload: {}, text: null },
  { name: "an empty array", payload: [], text: null },
  { name: "a number", payload: 42, text: "42" },
  { name: "a boolean", payload: false, text: "false" },
  { name: "an array", payload: [1, "a", null], text: '[1,"a",null]' },
  { name: "a nested object", payload: { a: { b: [{ c: 1 }, {}] } }, text: '{"a":{"b":[{"c":1},{}]}}' },
  { name: "keys in the order that PostgreSQL keeps", payload: { bb: 1, a: 2 }, text: '{"a":2,"bb":1}' },
  { name: "only blank texts become JSON", payload: { text: " ", message: "" }, text: '{"text":" ","message":""}' },
  { name: "colons and commas inside strings", payload: { a: "b: c, d" }, text: '{"a":"b: c, d"}' },
  { name: "colons and commas inside keys", payload: { "k: l, m": 1 }, text: '{"k: l, m":1}' },
  {
    name: "quotes and what follows them",
    payload: { a: 'say ": " or ", "' },
    text: '{"a":"say \\": \\" or \\", \\""}',
  },
  { name: "a backslash before the closing quote", payload: { a: "b\\", c: 1 }, text: '{"a":"b\\\\","c":1}' },
  { name: "1,000 characters of JSON", payload: jsonOf(1000), text: JSON.stringify(jsonOf(1000)) },
  { name: "1,001 characters of JSON", payload: jsonOf(1001), text: cut(JSON.stringify(jsonOf(1001))) },
  { name: "1,000 code points of emoji", payload: { n: EMOJI.repeat(992) }, text: `{"n":"${EMOJI.repeat(992)}"}` },
  {
    name: "an emoji is never cut in two",
    payload: { n: EMOJI.repeat(993) },
    text: `{"n":"${EMOJI.repeat(991)}`.concat("..."),
  },
  { name: "many short tokens", payload: Array(900).fill(1), text: cut(JSON.stringify(Array(900).fill(1))) },
  { name: "499 short tokens fit", payload: Array(499).fill(1), text: JSON.stringify(Array(499).fill(1)) },
  { name: "a long text is not cut", payload: { text: "y".repeat(3000) }, text: "y".repeat(3000) },
];

test("the text of an audit", async () => {
  const ids = new Map<string, string>();
  for (const { name, payload, action = "message_received" } of CASES)
    ids.set(await addAudit(db, await addLead(db), { payload, action }), name);
  const { document, exitCode } = await runInProcess(batch, db);
  const stored = Object.fromEntries(
    (await rowsOf(db, "Message")).map(({ content, metadata }) => [ids.get(metadata.auditId), content]),
  );
  expect(stored).toEqual(Object.fromEntries(CASES.flatMap(({ name, text }) => (text === null ? [] : [[name, text]]))));
  expect(exitCode).toBe(0);
  const noText = CASES.filter(({ text }) => text === null).length;
  expect(document.skipped).toEqual({ noText, alreadyMigrated: 0, leadNotFound: 0 });
  // With or without a text, a lead with an audit that counts gets its conversation.
  expect(await rowsOf(db, "Conversation")).toHaveLength(CASES.length);
});
