import { describe, expect, test } from "@jest/globals";
import { settingsOf } from "../../../scripts/migrations/backfill-freshchat-messages/settings.ts";

const FRESHCHAT_TOKEN = "a token";
const settings = (env: Record<string, string>, options: object = {}) =>
  settingsOf({ verbose: false, ...options }, { FRESHCHAT_TOKEN, FRESHCHAT_DOMAIN: "acme", ...env });

describe("The address", () => {
  test.each([
    { FRESHCHAT_DOMAIN: "acme", is: "https://acme.freshchat.com" },
    { FRESHCHAT_DOMAIN: "acme.freshchat.com", is: "https://acme.freshchat.com" },
    { FRESHCHAT_DOMAIN: "api.eu.freshchat.com", is: "https://api.eu.freshchat.com" },
    { FRESHCHAT_DOMAIN: "acme.myfreshworks.com", is: "https://acme.myfreshworks.com" },
    { FRESHCHAT_DOMAIN: "https://acme.freshchat.com/v2/", is: "https://acme.freshchat.com" },
    { FRESHCHAT_URL: "http://localhost:8080", is: "http://localhost:8080" },
    { FRESHCHAT_URL: "https://gate.example.com/freshchat/", is: "https://gate.example.com/freshchat" },
    { FRESHCHAT_URL: "https://acme.freshchat.com/v2", is: "https://acme.freshchat.com" },
  ])("of %j", ({ is, ...env }) => {
    expect(settings(env as Record<string, string>).baseUrl).toBe(is);
  });

  test.each(["acme corp", "acme.freshchat.com:x", "user@acme.freshchat.com", "-.-", "http://acme.freshchat.com"])(
    "is refused: FRESHCHAT_DOMAIN=%s",
    (FRESHCHAT_DOMAIN) => {
      expect(() => settings({ FRESHCHAT_DOMAIN })).toThrow(/FRESHCHAT_DOMAIN takes/);
    },
  );
});

test("An option goes before the environment, and that before what is usual", () => {
  expect(settings({}).delays).toEqual({ batchSize: 50, conversation: 1_000, batch: 5_000, page: 500 });
  const env = { BATCH_SIZE: "7", RATE_LIMIT_DELAY: "8", BATCH_DELAY: "9", PAGE_DELAY: "0" };
  expect(settings(env).delays).toEqual({ batchSize: 7, conversation: 8, batch: 9, page: 0 });
  expect(settings(env, { batchSize: 1, rateLimitDelay: 2, batchDelay: 3, pageDelay: 4 }).delays).toEqual({
    ...{ batchSize: 1, conversation: 2, batch: 3, page: 4 },
  });
});

test("A token may stand with or without its Bearer", () => {
  expect(settings({ FRESHCHAT_TOKEN: "Bearer abc" }).token).toBe("abc");
});
