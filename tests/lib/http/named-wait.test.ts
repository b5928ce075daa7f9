import { expect, test } from "@jest/globals";
import { namedWaitMs } from "../../../scripts/lib/http/named-wait.ts";

const SECOND = 1_000;
const NOON = Date.parse("2026-03-01T12:00:00Z");
/** The service's clock may say anything. */
const date = new Date(NOON).toUTCString();
const httpDate = (seconds: number) => new Date(NOON + seconds * SECOND).toUTCString();
const unix = (seconds: number) => String(NOON / SECOND + seconds);

test.each<[what: string, headers: Record<string, string>, seconds: number | undefined]>([
  ["nothing", {}, undefined],
  ["Retry-After in seconds", { "retry-after": "12" }, 12],
  ["Retry-After as a date", { "retry-after": httpDate(90) }, 90],
  ["a date that is over", { "retry-after": httpDate(-90) }, undefined],
  ["no time at all", { "retry-after": "0" }, undefined],
  ["a negative number", { "retry-after": "-5" }, undefined],
  ["what is neither number nor date", { "retry-after": "soon" }, undefined],
  ["X-Ratelimit-Retry", { "x-ratelimit-retry": "3", "x-ratelimit-reset": "10" }, 3],
  ["X-Ratelimit-Reset in seconds", { "x-ratelimit-reset": "10" }, 10],
  ["X-RateLimit-Reset as a Unix time", { "x-ratelimit-reset": unix(40) }, 40],
  ["X-RateLimit-Reset as a Unix time in milliseconds", { "x-ratelimit-reset": `${unix(40)}000` }, 40],
  ["a number that no wait can be", { "retry-after": "99999999999999999" }, undefined],
  ["a Unix time that is over", { "x-ratelimit-reset": unix(-40) }, undefined],
  ["Retry-After before all others", { "retry-after": "1", "x-ratelimit-retry": "2", "x-ratelimit-reset": "3" }, 1],
  ["another header where Retry-After is over", { "retry-after": httpDate(-1), "x-ratelimit-retry": "2" }, 2],
])("A 429 with %s names the wait", (_, headers, seconds) => {
  const wait = namedWaitMs({ status: 429, headers: { date, ...headers } });
  expect(wait).toBe(seconds === undefined ? undefined : seconds * SECOND);
});

test("Without the service's own time, ours is taken", () => {
  const wait = namedWaitMs({ status: 429, headers: { "retry-after": new Date(Date.now() + 60_000).toUTCString() } });
  expect(wait).toBeGreaterThan(58_000);
  expect(wait).toBeLessThanOrEqual(60_000);
});

test("The state of a limit says nothing about an error that has another cause", () => {
  const headers = { date, "x-ratelimit-reset": "30", "x-ratelimit-retry": "30" };
  expect(namedWaitMs({ status: 503, headers })).toBeUndefined();
  expect(namedWaitMs({ status: 503, headers: { ...headers, "retry-after": "7" } })).toBe(7 * SECOND);
});
