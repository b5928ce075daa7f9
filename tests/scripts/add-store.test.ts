import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { useDatabase } from "../helpers/database.ts";
import { until } from "../helpers/script.ts";
import { tokenOf } from "../helpers/stand-ins/wildberries-rows.ts";
import { type Ended, runProcess } from "./run-process.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const db = useDatabase();

const add = (args: readonly string[], token = ""): Promise<Ended> =>
  runProcess("add-store", args, { DATABASE_URL: db.url, DIRECT_URL: "", STORE_TOKEN: token });

const stores = async () =>
  (
    await db.query(
      "select id, name, owner_id as owner, chat_api_token as token, next_request_at as next from stores order by id",
    )
  ).rows;

describe("A store", () => {
  const token = tokenOf("501", { exp: 4_000_000_000, s: (1 << 9) + 2 ** 30, acc: 1 });

  test("is added with the token of the environment, whose type, rights and end are shown, but never itself", async () => {
    const { code, out, err } = await add(["501", "--name", "Nut shop", "--owner", "u1"], `${token}\n`);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("base token, chat access, read-only, until 2096-10-02T07:06:40.000Z");
    expect(out).toContain("Store 501 added");
    expect(out + err).not.toContain(token.slice(0, 20));
    expect(await stores()).toEqual([{ id: "501", name: "Nut shop", owner: "u1", token, next: null }]);
  }, 30_000);

  test("is changed: what is not given stays, and another token need not wait for what the old one had to", async () => {
    await db.query(
      "insert into stores (id, name, owner_id, chat_api_token, next_request_at) values ('501', 'A', 'u1', 'old-token', now())",
    );
    expect((await add(["501", "--name", "B"])).out).toContain("its token is as it was");
    expect(await stores()).toMatchObject([{ name: "B", owner: "u1", token: "old-token", next: expect.any(Date) }]);
    await add(["501"], token);
    expect(await stores()).toEqual([{ id: "501", name: "B", owner: "u1", token, next: null }]);
  }, 30_000);

  test.each([
    ["without a token", ["501"], "", /needs a token/],
    ["with a token of two words", ["501"], "two words", /no blanks/],
    ["without an id", [], "t0ken", /ID is missing/],
    ["with its token as an argument", ["501", "--token", "t0ken"], "", /Unknown argument: token/],
  ])(
    "%s is refused, and nothing is written",
    async (_, args, given, why) => {
      const { code, err, out } = await add(args, given);
      expect([code, out]).toEqual([2, ""]);
      expect(err).toMatch(why);
      expect(await stores()).toEqual([]);
    },
    30_000,
  );

  test.each([
    ["that has expired", { exp: 1_700_000_000 }, "expired at 2023-11-14"],
    ["without access to chats", { s: 2 }, "no access to buyer chats"],
  ])(
    "with a token %s is added, and it says so",
    async (_, payload, why) => {
      const { code, out } = await add(["501"], tokenOf("501", payload));
      expect([code, out]).toEqual([0, expect.stringContaining(why)]);
    },
    30_000,
  );
});

test("On a terminal the token is asked for, and not shown while it is typed", async () => {
  const secret = "typed-secret-token";
  // `script` gives the command a terminal, and prints what appears on it.
  const line = `${process.execPath} --import tsx scripts/add-store.ts 501`;
  const child = spawn("script", ["-qec", line, "/dev/null"], {
    cwd: PROJECT,
    env: { ...process.env, DATABASE_URL: db.url, DIRECT_URL: "", STORE_TOKEN: "" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  await until(() => shown.includes("not shown"));
  child.stdin.write(`${secret}\r`);
  expect(await ended).toBe(0);
  expect(shown).toContain("not a JWT");
  expect(shown).not.toContain(secret.slice(0, 6));
  expect(await stores()).toMatchObject([{ id: "501", token: secret }]);
}, 30_000);
