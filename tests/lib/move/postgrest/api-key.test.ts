import { expect, test } from "@jest/globals";
import { UserError } from "../../../../scripts/lib/errors.ts";
import { readApiKey } from "../../../../scripts/lib/move/postgrest/api-key.ts";
import { ANON_KEY, jwtOf, PUBLISHABLE_KEY, SECRET_KEY, SERVICE_KEY } from "../../../helpers/stand-ins/postgrest.ts";

test.each([
  ["a publishable key", PUBLISHABLE_KEY, "holds a publishable key, which row-level security may hide rows from"],
  ["an anonymous key", ANON_KEY, "holds a key of the role anon, which row-level security may hide rows from"],
  ["a user's key", jwtOf({ role: "authenticated" }), "holds a key of the role authenticated"],
  [
    "a key that has run out",
    jwtOf({ role: "service_role", exp: 1_700_000_000 }),
    "ran out on 2023-11-14T22:13:20.000Z",
  ],
  ["nothing", " ", "is empty"],
  ["what is no key", "abc", "neither a JWT nor begins with sb_secret_"],
  ["a JWT that holds no JSON", "a.b.c", "neither a JWT nor begins with sb_secret_"],
])("%s is refused before it is used, without being quoted", (_, key, why) => {
  const read = () => readApiKey(key);
  expect(read).toThrow(UserError);
  expect(read).toThrow(why);
  expect(read).not.toThrow(key.trim() || "never");
});

test("A legacy key is sent twice, a secret key is no token", () => {
  expect(readApiKey(SERVICE_KEY)).toEqual({
    kind: "jwt",
    role: "service_role",
    unbound: true,
    headers: { apikey: SERVICE_KEY, authorization: `Bearer ${SERVICE_KEY}` },
  });
  expect(readApiKey(`${SECRET_KEY}\n`)).toMatchObject({
    kind: "secret",
    unbound: true,
    headers: { apikey: SECRET_KEY },
  });
  expect(Object.keys(readApiKey(SECRET_KEY).headers)).toEqual(["apikey"]);
});

test("Of a role of one's own nothing is presumed", () => {
  expect(readApiKey(jwtOf({ role: "importer" }))).toMatchObject({ role: "importer", unbound: false });
  expect(readApiKey(jwtOf({}))).toMatchObject({ role: undefined, unbound: false });
});
