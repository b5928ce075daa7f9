/** Nothing that lets one in, or lets one write to a buyer, leaves the process. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runScript } from "../../helpers/script.ts";
import { EVENTS_PATH, onPath } from "../../helpers/stand-ins/wildberries.ts";
import { chatOf, eventOf, makeSeller, tokenOf } from "../../helpers/stand-ins/wildberries-rows.ts";
import { NAME, QUICK, useService } from "./bed.ts";

const SIGN = "secret-reply-sign";
const db = useDatabase();
const bed = useService(db);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "recorded-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** All that is written down anywhere in the database, but for the stores' own tokens. */
async function everythingStored(): Promise<string> {
  await db.query("update stores set chat_api_token = null");
  return JSON.stringify([await db.snapshot(), (await db.query("select * from migration_runs")).rows]);
}

test("No token and no replySign is printed, stored or recorded, whatever goes wrong", async () => {
  const sellers = [makeSeller(20, 300), makeSeller(20, 300, {}, "d"), makeSeller(1, 1, {}, "e")];
  const tokens = [];
  for (const [n, seller] of sellers.entries()) tokens.push(await bed.addStore(`50${n}`, seller));
  tokens.push(await bed.addStore("503", makeSeller(1, 1), { token: "a-token-that-is-no-jwt" }));
  sellers[0]?.events.push(
    eventOf("c", 400, { sender: SIGN.slice(0, 4), replySign: SIGN }),
    eventOf("c", 401, { message: { text: 1, replySign: SIGN } }),
  );
  sellers[0]?.chats.push(chatOf("odd", { chatID: 5 }));
  const [, refused, broken] = tokens;
  bed.service.sellers.delete(refused ?? "");
  bed.service.faults.push(
    onPath(EVENTS_PATH, { answer: { body: { replySign: SIGN, token: broken } }, times: 3 }, broken),
  );
  const env = { WB_CHAT_API_URL: bed.service.url };
  const argv = [...QUICK, "--verbose", "--json", "--record", folder];
  const { exitCode, stdout, stderr } = await runScript(NAME, argv, { url: db.url, env });
  expect([exitCode, JSON.parse(stdout).stats]).toEqual([
    1,
    expect.objectContaining({ storesFailed: 2, storesSynced: 2, errors: 3 }),
  ]);
  const files = await readdir(folder, { recursive: true });
  const recorded = await Promise.all(
    files.filter((file) => file.includes(".")).map((file) => readFile(join(folder, file), "utf8")),
  );
  expect(recorded.length).toBeGreaterThan(8);
  expect(recorded.join()).toContain("text 1");
  const secrets = [SIGN, ...tokens];
  for (const place of [stdout, stderr, recorded.join(), await everythingStored()])
    expect(secrets.filter((secret) => place.includes(secret))).toEqual([]);
}, 60_000);

test("What was recorded is replayed without the network, store by store, with the same numbers", async () => {
  await bed.addStore("501", makeSeller(20, 300));
  await bed.addStore("502", makeSeller(5, 90, { pageSize: 20 }, "d"));
  const recorded = await bed.run(["--record", folder, "--dry-run"]);
  const asked = bed.service.asked.length;
  process.env.WB_CHAT_API_URL = "http://127.0.0.1:1";
  const replayed = await bed.run(["--replay", folder]);
  expect(bed.service.asked).toHaveLength(asked);
  expect(numbersOf(replayed)).toEqual(numbersOf(recorded));
  expect(replayed.document.stats).toMatchObject({ messagesAdded: 294 + 88, requests: asked });
});

test("The token is sent as it is, without a word before it", async () => {
  const token = await bed.addStore("501", makeSeller(1, 1), { token: tokenOf("501") });
  await bed.run();
  expect(bed.service.asked.map(({ headers }) => headers.authorization)).toEqual([token, token, token]);
});
