/** What a token says about itself. */
import { expect, test } from "@jest/globals";
import { describeToken, isHourly, readToken, refusalOf } from "../../../../scripts/lib/sources/wildberries/token.ts";
import { tokenOf } from "../../../helpers/stand-ins/wildberries-rows.ts";

const CHAT = 1 << 9;
const READ_ONLY = 2 ** 30;
const NOW = new Date("2026-01-01T00:00:00Z");
const LATER = NOW.getTime() / 1_000 + 60;

test.each([
  [{ acc: 1 }, "base", true],
  [{ acc: 2, t: true }, "test", false],
  [{ acc: 3 }, "personal", false],
  [{ acc: 4 }, "service", false],
  [{ acc: 9 }, undefined, false],
])("Its type and pace follow from acc: %o", (payload, type, hourly) => {
  const token = readToken(tokenOf("501", payload));
  expect([token.type, isHourly(token)]).toEqual([type, hourly]);
});

test.each([
  [{ exp: LATER, s: CHAT }, undefined],
  [{ exp: LATER, s: CHAT + READ_ONLY }, undefined],
  [{ exp: LATER, s: CHAT + 2 ** 40 }, undefined],
  [{ exp: LATER, s: undefined }, undefined],
  [{ exp: undefined, s: CHAT }, undefined],
  [{ exp: NOW.getTime() / 1_000, s: CHAT }, "its token expired at 2026-01-01T00:00:00.000Z"],
  [{ exp: LATER, s: READ_ONLY + (1 << 8) }, "its token has no access to buyer chats"],
])("It is refused where it can't do: %o", (payload, refusal) => {
  expect(refusalOf(readToken(tokenOf("501", payload)), NOW)).toBe(refusal);
});

test.each(["opaque", "", "a.b.c", "a.b", `a.${Buffer.from("5").toString("base64url")}.c`])(
  "What is no JWT may still be a token: %j",
  (text) => {
    const token = readToken(text);
    expect([token.isJwt, refusalOf(token), isHourly(token)]).toEqual([false, undefined, false]);
    expect(describeToken(token)).toContain("not a JWT");
  },
);

test("It is described without being shown", () => {
  const text = tokenOf("501", { acc: 3, s: CHAT + READ_ONLY, exp: LATER });
  expect(describeToken(readToken(text))).toBe("personal token, chat access, read-only, until 2026-01-01T00:01:00.000Z");
  expect(describeToken(readToken(tokenOf("501", { acc: 7, s: 0, exp: "soon" })))).toBe(
    "token of unknown type, NO chat access, no end given",
  );
});
