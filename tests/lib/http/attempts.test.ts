import { expect, test } from "@jest/globals";
import { z } from "zod";
import { MustWait, RunFailed } from "../../../scripts/lib/errors.ts";
import { AccountRefused, ItemRefused } from "../../../scripts/lib/http/errors.ts";
import type { Answer } from "../../helpers/stand-ins/stand-in.ts";
import { rejected, type Service, startService } from "./service.ts";

const ANY = z.unknown();

const failing = (status: number, headers: Record<string, string> = {}): { answer: Answer } => ({
  answer: { status, headers, body: { message: "not now" } },
});

/** Milliseconds between the requests. */
const gapsOf = ({ asked }: Service): number[] => asked.slice(1).map(({ at }, index) => at - (asked[index]?.at ?? 0));

test.each([
  ["a 500", failing(500)],
  ["a 429 that names no wait", failing(429)],
  ["an error in HTML", { answer: { status: 502, body: "<html>Bad gateway</html>" } }],
  ["a connection that breaks off within the answer", { cut: "reset" as const }],
  ["JSON that ends in its middle as if it were whole", { cut: "truncate" as const }],
  ["an answer that is empty", { answer: { body: "" } }],
])("%s is tried again after a second, and the request succeeds", async (_, fault) => {
  const service = await startService();
  service.faults.push(fault);
  expect(await service.open().get("/a", ANY)).toEqual({ path: "/a", query: {} });
  const [gap = 0] = gapsOf(service);
  expect(service.asked).toHaveLength(2);
  expect(gap).toBeGreaterThanOrEqual(995);
  expect(gap).toBeLessThan(2_000);
  expect(service.said).toHaveLength(2);
  expect(service.said.at(-1)).toBe("");
});

test("After three attempts, one and two seconds apart, what fails costs that item only", async () => {
  const service = await startService();
  service.faults.push({ ...failing(503), times: 3 });
  const api = service.open({ headers: { authorization: "Bearer hush-4711" } });
  const error = await rejected(api.get("/a", ANY, { q: "hush" }));
  expect(error).toBeInstanceOf(ItemRefused);
  expect(error).toMatchObject({ code: "HTTP_503", status: 503, message: "Echo answered 503 for /a (not now)." });
  const [first = 0, second = 0] = gapsOf(service);
  expect(first).toBeGreaterThanOrEqual(995);
  expect(second).toBeGreaterThanOrEqual(1_995);
  expect(first + second).toBeLessThan(5_000);
  expect(api.usage()).toEqual({ requests: 3, waitedSeconds: 0 });
  expect(await api.get("/a", ANY)).toMatchObject({ path: "/a" });
});

test.each([
  ["Retry-After", { "retry-after": "2" }],
  ["X-Ratelimit-Retry", { "x-ratelimit-retry": "2", "x-ratelimit-limit": "10", "x-ratelimit-reset": "9" }],
  ["X-RateLimit-Reset", { "x-ratelimit-reset": "2" }],
])("A wait that %s names is kept to, announced and counted", async (_, headers) => {
  const service = await startService();
  service.faults.push(failing(429, headers));
  const api = service.open();
  await api.get("/a", ANY);
  const [gap = 0] = gapsOf(service);
  expect(gap).toBeGreaterThanOrEqual(1_990);
  expect(gap).toBeLessThan(2_900);
  expect(service.said).toEqual(["Echo asks to wait 2 s", ""]);
  expect(api.usage()).toEqual({ requests: 2, waitedSeconds: 2 });
  expect(api.usage()).toEqual({ requests: 0, waitedSeconds: 0 });
});

test("While one request waits for a limit, no other of the account starts", async () => {
  const service = await startService();
  service.faults.push(failing(429, { "retry-after": "1" }));
  const api = service.open({ pace: { concurrency: 2 } });
  const first = api.get("/a", ANY);
  while (service.said.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const refusedAt = service.asked[0]?.at ?? 0;
  await Promise.all([first, api.get("/b", ANY), api.get("/c", ANY)]);
  for (const { at } of service.asked.slice(1)) expect(at - refusedAt).toBeGreaterThanOrEqual(990);
});

test("A wait above --max-wait ends the run, and says until when", async () => {
  const service = await startService();
  service.faults.push(failing(429, { "x-ratelimit-retry": "3600" }));
  const error = await rejected(service.open({ options: { maxWait: 5_000 } }).get("/a", ANY));
  expect(error).toBeInstanceOf(MustWait);
  const { until } = error as MustWait;
  expect((until?.getTime() ?? 0) - Date.now()).toBeGreaterThan(3_590_000);
  expect(error.message).toBe(
    `Echo asks to wait until ${until?.toISOString()}, longer than --max-wait (5 s) allows: run again then.`,
  );
  expect(service.asked).toHaveLength(1);
  expect(service.said).toEqual([]);
});

test("A 503 that names a long wait ends the run, too", async () => {
  const service = await startService();
  service.faults.push(failing(503, { "retry-after": "3600" }));
  expect(await rejected(service.open().get("/a", ANY))).toBeInstanceOf(MustWait);
});

test("A 429 that persists ends the run: with the time where it is named, else without", async () => {
  const [named, unnamed] = await Promise.all([startService(), startService()]);
  named.faults.push({ ...failing(429, { "retry-after": "1" }), times: 3 });
  unnamed.faults.push({ ...failing(429), times: 3 });
  const errors = await Promise.all([rejected(named.open().get("/a", ANY)), rejected(unnamed.open().get("/a", ANY))]);
  expect(errors).toEqual([expect.any(MustWait), expect.any(MustWait)]);
  const [first, second] = errors as readonly Error[] as readonly MustWait[];
  expect(Math.abs((first?.until?.getTime() ?? 0) - Date.now() - 1_000)).toBeLessThan(4_000);
  expect(first?.message).toContain(first?.until?.toISOString());
  expect(second?.until).toBeUndefined();
  expect(second?.message).toBe("Echo still finds the requests too many: run again later.");
  expect([named.asked.length, unnamed.asked.length]).toEqual([3, 3]);
});

test.each([401, 402, 403])("A %d stops the account at once", async (status) => {
  const service = await startService();
  service.faults.push({ answer: { status, body: "<html>no</html>" } });
  const error = await rejected(service.open().get("/a", ANY));
  expect(error).toBeInstanceOf(AccountRefused);
  expect(error).toMatchObject({ status, message: `Echo answered ${status} for /a.` });
  expect(service.asked).toHaveLength(1);
});

test.each([400, 404, 410])("A %d costs the item, and is not tried again", async (status) => {
  const service = await startService();
  service.faults.push(failing(status));
  const error = await rejected(service.open().get("/a", ANY));
  expect(error).toBeInstanceOf(ItemRefused);
  expect(error).toMatchObject({ status, code: `HTTP_${status}` });
  expect(service.asked).toHaveLength(1);
});

test("An abort while a request waits to be tried again rejects with the signal's reason", async () => {
  const service = await startService();
  service.faults.push({ ...failing(500), times: 3 });
  const asking = rejected(service.open().get("/a", ANY));
  while (service.said.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const reason = new RunFailed("stop");
  service.stop.abort(reason);
  expect(await asking).toBe(reason);
  expect(service.said.at(-1)).toBe("");
  expect(service.asked).toHaveLength(1);
});
