import { expect, test } from "@jest/globals";
import { z } from "zod";
import { RunFailed, UserError } from "../../../scripts/lib/errors.ts";
import { redact } from "../../../scripts/lib/report/redact.ts";
import { rejected, startService } from "./service.ts";

const ECHO = z.object({ path: z.string(), query: z.record(z.string(), z.string()) });

test("A path is asked below the base, its query encoded, what is encoded already left alone", async () => {
  const service = await startService();
  const api = service.open({ baseUrl: `${service.url}/api/` });
  const query = { text: "a b&c=d", page: 2, all: true };
  expect(await api.get("/chats/1%3Aab%2Fc", ECHO, query)).toEqual({
    path: "/api/chats/1:ab/c",
    query: { text: "a b&c=d", page: "2", all: "true" },
  });
  expect((await api.get("chats", ECHO)).path).toBe("/api/chats");
});

test("Headers go with each request; answers are asked for as JSON", async () => {
  const service = await startService();
  await service.open({ headers: { authorization: "Bearer hush-4713", "x-account": "a" } }).get("/a", ECHO);
  const [asked] = service.asked;
  expect(asked?.headers).toMatchObject({
    authorization: "Bearer hush-4713",
    "x-account": "a",
    accept: "application/json",
  });
});

test.each(["Authorization", "apikey", "X-Api-Token"])("The value of %s is a secret from then on", async (header) => {
  const { open } = await startService();
  open({ headers: { [header]: `Bearer hush-${header}` } });
  expect(redact(`it was hush-${header}`)).toBe("it was ***");
});

test("A link is followed as it stands: by its path, or whole", async () => {
  const service = await startService();
  const api = service.open({ baseUrl: `${service.url}/v2` });
  const href = "/v2/messages?page=1&from_time=2024-01-05T10:00:00.000Z";
  const expected = { path: "/v2/messages", query: { page: "1", from_time: "2024-01-05T10:00:00.000Z" } };
  expect(await api.follow(href, ECHO)).toEqual(expected);
  expect(await api.follow(`${service.url}${href}`, ECHO)).toEqual(expected);
});

test.each(["https://evil.test/v2", "//evil.test/v2", "http://user:pass@HOST/v2", "javascript:alert(1)", "http://["])(
  "A link to %s is refused before anything is sent",
  async (link) => {
    const service = await startService();
    const error = await rejected(service.open().follow(link.replace("HOST", new URL(service.url).host), ECHO));
    expect(error).toBeInstanceOf(RunFailed);
    expect(error.message).toMatch(/links to another origin, .*: not followed\.$/);
    expect(error.message).not.toContain("pass");
    expect(service.asked).toEqual([]);
  },
);

test.each<[what: string, settings: { baseUrl?: string; headers?: Record<string, string> }]>([
  ["no address", { baseUrl: "" }],
  ["an address without its scheme", { baseUrl: "example.test" }],
  ["an address of another kind", { baseUrl: "ftp://example.test" }],
  ["an address with a password", { baseUrl: "https://user:hush4714@example.test" }],
  ["a token that holds a line break", { headers: { authorization: "hush4714\n" } }],
  ["a token in Cyrillic", { headers: { authorization: "hush4714ж" } }],
])("%s is the user's mistake, and is not shown", async (_, settings) => {
  const { open } = await startService();
  const opening = () => open(settings);
  expect(opening).toThrow(UserError);
  expect(opening).toThrow(/^Echo/);
  expect(opening).not.toThrow(/hush4714/);
});

test("What a request carries is in no message, whatever goes wrong", async () => {
  const service = await startService();
  const answers = [
    { status: 500, body: { message: "token hush-4715 failed" } },
    { status: 404, body: { message: "hush-4715" } },
    { status: 401, body: { detail: "hush-4715" } },
    { status: 429, headers: { "retry-after": "9999" }, body: {} },
    { status: 200, body: "hush-4715" },
    { status: 200, body: { path: 1, query: "hush-4715" } },
  ];
  const messages: string[] = [];
  await Promise.all(
    answers.map(async (answer) => {
      const one = await startService(() => answer);
      const api = one.open({ headers: { authorization: "Bearer hush-4715" } });
      const { message, stack, cause } = await rejected(api.get("/a", ECHO, { secret: "hush-4716" }));
      messages.push(`${message} ${stack} ${cause}`, ...one.said);
    }),
  );
  expect(service.asked).toEqual([]);
  expect(messages.length).toBeGreaterThan(answers.length);
  for (const message of messages) expect(message).not.toMatch(/hush-471/);
});

test("The pace holds for all requests of an account together", async () => {
  const service = await startService();
  const api = service.open({ pace: { everyMs: 50 } });
  await Promise.all(Array.from({ length: 6 }, () => api.get("/a", ECHO)));
  const [first, last] = [service.asked.at(0), service.asked.at(-1)];
  expect((last?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(235);
  expect(api.usage()).toEqual({ requests: 6, waitedSeconds: 0 });
});

test("An answer can be had as it came, to a request with headers of its own", async () => {
  const text = '[{"id":9007199254740993, "amount":12.50}]';
  const service = await startService(() => ({
    status: 206,
    headers: { "content-type": "application/json", "content-range": "0-0/7" },
    body: text,
  }));
  const api = service.open({ headers: { authorization: "Bearer hush-4713" } });
  const answer = await api.read("rows", { query: { limit: 1 }, headers: { prefer: "count=exact" } });
  expect(answer).toMatchObject({ status: 206, text, headers: { "content-range": "0-0/7" } });
  await api.read("rows");
  expect(service.asked.map(({ headers }) => [headers.prefer, headers.authorization])).toEqual([
    ["count=exact", "Bearer hush-4713"],
    [undefined, "Bearer hush-4713"],
  ]);
});
