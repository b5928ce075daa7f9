import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { useDatabase } from "../helpers/database.ts";

const db = useDatabase();

/** What an expression gives for its parameters, typed as the functions take them. */
const ask = async (expression: string, ...values: unknown[]): Promise<unknown> =>
  (await db.query(`select ${expression} as answer`, values)).rows[0]?.answer;

test("crm_uuid is version 8 from the first 16 bytes of sha256 over source, the byte 31, source key", async () => {
  for (const key of ["a", "Ünïcödé 😀", ""]) {
    const digest = createHash("sha256").update(`audit_backfill\u001f${key}`).digest().subarray(0, 16);
    digest.writeUInt8((digest.readUInt8(6) & 15) | 128, 6);
    digest.writeUInt8((digest.readUInt8(8) & 63) | 128, 8);
    const wanted = digest.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    expect(await ask("crm_uuid('audit_backfill', $1)", key)).toBe(wanted);
  }
});

test.each([
  ["crm_trim", " \t\r\n\f\v x y \v", "x y"],
  ["crm_trim", " \t", null],
  ["crm_trim", "\u00a0x", "\u00a0x"],
  ["crm_phone", "+1 (234) 567-89 01", "12345678901"],
  ["crm_phone", "0123456789", "0123456789"],
  ["crm_phone", "123-456-789", null],
  ["crm_phone", null, null],
  ["crm_email", "  Ann@Example.COM\n", "ann@example.com"],
  ["crm_email", "ann at example", null],
  ["crm_email", " ", null],
])("%s of %j is %j", async (name, value, wanted) => {
  expect(await ask(`${name}($1)`, value)).toBe(wanted);
});

const ID = "00000000-0000-8000-8000-000000000001";
test.each([
  [" psid ", "1234567890", "a@b", 1, "psid: psid "],
  [" ", "(123) 456 7890", "a@b", 2, "phone:1234567890"],
  [null, "123", " A@B ", 3, "email:a@b"],
  [null, null, "nobody", 4, `none:${ID}`],
])("The key of a lead with psid %j, phone %j and e-mail %j is of kind %d", async (psid, phone, email, pass, key) => {
  expect(await ask("crm_lead_key($1, $2, $3, $4)", psid, phone, email, ID)).toBe(key);
  expect(await ask("crm_lead_pass($1, $2, $3)", psid, phone, email)).toBe(pass);
});

const CUT = `{"k":"${"x".repeat(2000)}"}`;
test.each([
  ["note", '{"text":" hi "}', "hi"],
  ["note", '{"text":5,"message":"m"}', "m"],
  ["note", '{"text":"  ","content":"c"}', "c"],
  ["note", '{"body":"b"}', '{"body":"b"}'],
  ["message_sent", '{"body":"b"}', "b"],
  ["message_received", '{"body":"b","text":"t"}', "t"],
  ["note", '" s "', "s"],
  ["note", '"  "', null],
  ["note", "null", null],
  ["note", "{}", null],
  ["note", "[]", null],
  ["note", "5", "5"],
  ["note", '{"a": [1, 2, {"b": "x, y: z\\" , "}], "c" : null}', '{"a":[1,2,{"b":"x, y: z\\" , "}],"c":null}'],
  ["note", CUT, `${CUT.slice(0, 997)}...`],
  ["note", JSON.stringify({ k: "😀".repeat(993) }), `{"k":"${"😀".repeat(991)}...`],
  ["note", JSON.stringify({ k: "😀".repeat(992) }), `{"k":"${"😀".repeat(992)}"}`],
  ["note", JSON.stringify(Array(499).fill(1)), JSON.stringify(Array(499).fill(1))],
  ["note", JSON.stringify(Array(501).fill(1)), `${JSON.stringify(Array(501).fill(1)).slice(0, 997)}...`],
])("The text of an audit %s %.40s is %.40j", async (action, payload, wanted) => {
  expect(await ask("crm_audit_text($1, $2)", action, payload)).toBe(wanted);
});

test("An index on them is built anew where search_path is empty, as in a restored dump", async () => {
  await db.query(`insert into "Lead" (channel, phone) values ('sms', '(123) 456 7890')`);
  await db.query(`create index on "Lead" (crm_lead_key(messenger_psid, phone, email, id));
                  create index on "Lead" (crm_lead_pass(messenger_psid, phone, email));
                  create index on "Lead" (crm_uuid('x', crm_email(email)))`);
  await db.query(`set search_path = ''; reindex table public."Lead"; analyze public."Lead"; reset search_path`);
});

test("chat_messages shows the Wildberries messages under their source's names", async () => {
  await db.query(`
    insert into stores (id, name, owner_id) values ('7', 'Shop', 'u1');
    with conversation as (
      insert into "Conversation" (channel, external_id, store_id) values ('wildberries', '1:abc', '7') returning id)
    insert into "Message" (conversation_id, role, content, metadata)
    select id, role::"MessageRole", content, metadata::jsonb
      from conversation,
           (values ('user', 'one', '{"source": "wildberries_sync"}'),
                   ('assistant', 'two', '{"source": "wildberries_sync"}'),
                   ('user', 'three', '{"source": "wildberries_sync", "sender": "wb"}'),
                   ('user', 'four', '{"source": "audit_backfill"}'), ('user', 'five', null)) v (role, content, metadata)`);
  const { rows } = await db.query(
    `select chat_id, store_id, owner_id, text, sender, id is not null and "timestamp" is not null as complete
       from chat_messages order by sender`,
  );
  const shop = { chat_id: "1:abc", store_id: "7", owner_id: "u1", complete: true };
  expect(rows).toEqual([
    { ...shop, text: "one", sender: "client" },
    { ...shop, text: "two", sender: "seller" },
    { ...shop, text: "three", sender: "wb" },
  ]);
});
