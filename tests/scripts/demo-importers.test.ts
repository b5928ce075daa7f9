import { expect, test } from "@jest/globals";
import { makeChats } from "../../scripts/lib/demo/chats.ts";
import { TALKS } from "../../scripts/lib/demo/services.ts";
import { dropDemo, withDemo } from "./demo-database.ts";
import { runAlone, runProcess } from "./run-process.ts";

const ELSEWHERE = "postgresql://nobody:secret@127.0.0.1:1/elsewhere";
const DATABASE = "crm_importers_demo";

/** The server of the tests; what the other variables name must not matter. */
const env = {
  TEST_DATABASE_URL: process.env.TEST_ADMIN_URL ?? "",
  DATABASE_URL: ELSEWHERE,
  DIRECT_URL: ELSEWHERE,
  PLAYWRIGHT_UMNICO_URL: "http://127.0.0.1:1/elsewhere",
  FRESHCHAT_URL: "http://127.0.0.1:1/elsewhere",
  FRESHCHAT_DOMAIN: "elsewhere",
  FRESHCHAT_TOKEN: "elsewhere",
  BATCH_SIZE: "none",
  WB_CHAT_API_URL: "http://127.0.0.1:1/elsewhere",
};

const linesIn = (chats: readonly { readonly lines: readonly unknown[] }[]) =>
  chats.reduce((sum, { lines }) => sum + lines.length, 0);

test("The demo of the importers needs no account, brings all that the services hold, and nothing twice", async () => {
  const { code, out, err } = await runAlone("demo-importers", [], env);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out.match(/^=== \d+\. .*$/gm)).toHaveLength(11);
  expect(out.match(/^The run did what its dry run had said, counter by counter\.$/gm)).toHaveLength(3);
  expect(out.match(/^Completed/gm)).toHaveLength(8);
  expect(out).toContain("Freshchat asks to wait 1 s");
  expect(out).not.toContain("elsewhere");
  expect(await messagesByChannel()).toEqual({
    freshchat: linesIn(TALKS.freshchat),
    whatsapp: linesIn(TALKS.umnico),
    wildberries: linesIn(TALKS.wildberries),
  });
});

async function messagesByChannel(): Promise<Record<string, number>> {
  try {
    return await withDemo(env.TEST_DATABASE_URL, DATABASE, async (client) => {
      const { rows } = await client.query<{ channel: string; count: number }>(
        `select channel, count(*)::int
           from "Message" m
           join "Conversation" c on c.id = m.conversation_id
       group by channel`,
      );
      return Object.fromEntries(rows.map(({ channel, count }) => [channel, count]));
    });
  } finally {
    await dropDemo(env.TEST_DATABASE_URL, DATABASE);
  }
}

test("The made-up chats are the same each time, in two languages, by people with phones, nicks and names", () => {
  const chats = makeChats(20, 1);
  expect(makeChats(20, 1)).toEqual(chats);
  expect(makeChats(20, 2)).not.toEqual(chats);
  const texts = chats.flatMap(({ lines }) => lines.map(({ text }) => text));
  expect(texts.some((text) => /[а-я]/i.test(text))).toBe(true);
  expect(texts.some((text) => /[a-z]/i.test(text))).toBe(true);
  for (const { phone, nick } of chats) {
    expect(phone.replace(/\D/g, "")).toMatch(/^79\d{9}$/);
    expect(nick).toMatch(/^@[a-z]{6}_\d{3}$/);
  }
});

test("An unknown option exits 2 before anything is dropped", async () => {
  const { code, out, err } = await runProcess("demo-importers", ["--database", "crm"], env);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err.trim().split("\n")).toHaveLength(1);
});
