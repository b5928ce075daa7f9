import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { z } from "zod";
import { MustWait, RunFailed, UserError } from "../../../scripts/lib/errors.ts";
import type { Api } from "../../../scripts/lib/http/api.ts";
import { ItemRefused } from "../../../scripts/lib/http/errors.ts";
import { rejected, startService } from "./service.ts";

const ANY = z.unknown();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "recording-"));
});
afterEach(() => rm(folder, { recursive: true }));

const textsIn = async (path: string) =>
  Promise.all((await readdir(path)).map((name) => readFile(join(path, name), "utf8")));

/** A source, as far as its requests are concerned: what each came to. */
async function walk(api: Api): Promise<unknown[]> {
  const outcome = (promise: Promise<unknown>) => promise.catch((error: Error) => `${error.name}: ${error.message}`);
  return [
    await outcome(api.get("/list", ANY, { page: 1 })),
    await outcome(api.get("/list", ANY, { page: 2 })),
    await outcome(api.follow("/list?page=1", ANY)),
    await outcome(api.get("/gone", ANY)),
    await outcome(api.get("/html", ANY)),
  ];
}

test("What was recorded is replayed without the network, errors and repeated requests included", async () => {
  let count = 0;
  const service = await startService(({ path, query }) => {
    if (path === "/gone") return { status: 404, body: { message: "gone" } };
    if (path === "/html") return { body: "<html>ж</html>" };
    count += 1;
    return { headers: { "set-cookie": "hush4717" }, body: { count, page: query.get("page"), big: "ж".repeat(9) } };
  });
  service.faults.push({ answer: { status: 429, headers: { "retry-after": "1" }, body: {} } });
  const first = service.open({ options: { record: folder }, headers: { authorization: "hush4717" } });
  const recorded = await walk(first);
  expect(recorded[2]).toMatchObject({ count: 3 });
  const { requests } = first.usage();
  expect(requests).toBe(6);
  await service.close();

  const since = performance.now();
  const again = service.open({ options: { replay: folder }, pace: { everyMs: 10_000 } });
  expect(await walk(again)).toEqual(recorded);
  expect(again.usage()).toEqual({ requests, waitedSeconds: 0 });
  expect(performance.now() - since).toBeLessThan(900);
  expect((await textsIn(folder)).join()).not.toContain("hush4717");
});

test("A limit that ended the run ends its replay in the same way", async () => {
  const service = await startService();
  service.faults.push({ answer: { status: 429, headers: { "retry-after": "3600" }, body: {} } });
  await rejected(service.open({ options: { record: folder } }).get("/a", ANY));
  expect(await rejected(service.open({ options: { replay: folder } }).get("/a", ANY))).toBeInstanceOf(MustWait);
});

test("An answer is a file for its owner only, to be read by people, named after the request", async () => {
  const service = await startService();
  const api = service.open({ name: "Echo, store 7", options: { record: join(folder, "new", "one") } });
  await api.get("/v2/list", ANY, { page: 1 });
  await api.get("/v2/list", ANY, { page: 1 });
  await api.get(`/${"long/".repeat(100)}`, ANY);
  const names = (await readdir(join(folder, "new", "one"))).sort();
  expect(names).toEqual([
    expect.stringMatching(/^Echo_store_7_long_[\w.]*\.[0-9a-f]{12}\.1\.json$/),
    expect.stringMatching(/^Echo_store_7_v2_list_page_1\.[0-9a-f]{12}\.1\.json$/),
    expect.stringMatching(/^Echo_store_7_v2_list_page_1\.[0-9a-f]{12}\.2\.json$/),
  ]);
  const path = join(folder, "new", "one", names[1] ?? "");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({
    request: "GET /v2/list?page=1",
    status: 200,
    headers: { "content-type": "application/json", date: expect.any(String) },
    body: '{"path":"/v2/list","query":{"page":"1"}}',
  });
});

test("Two accounts that ask the same keep their answers apart", async () => {
  const [one, two] = await Promise.all([startService(() => ({ body: 1 })), startService(() => ({ body: 2 }))]);
  await two.open({ name: "Store 2", options: { record: folder } }).get("/a", ANY);
  await one.open({ name: "Store 1", options: { record: folder } }).get("/a", ANY);
  const replay = { options: { replay: folder } };
  expect(await one.open({ name: "Store 1", ...replay }).get("/a", ANY)).toBe(1);
  expect(await one.open({ name: "Store 2", ...replay }).get("/a", ANY)).toBe(2);
});

test("A run that goes on adds to what is there, and overwrites nothing", async () => {
  let count = 0;
  const service = await startService(() => ({ body: ++count }));
  for (let run = 0; run < 3; run += 1) await service.open({ options: { record: folder } }).get("/a", ANY);
  const replay = service.open({ options: { replay: folder } });
  expect([await replay.get("/a", ANY), await replay.get("/a", ANY), await replay.get("/a", ANY)]).toEqual([1, 2, 3]);
});

test("What must not be kept is masked; a body that can't be is left out, and replayed as what it was: no JSON", async () => {
  const service = await startService(() => ({ body: { chats: [{ id: "c", sign: "hush4718" }] } }));
  const mask = (body: unknown) =>
    JSON.parse(JSON.stringify(body, (name, value) => (name === "sign" ? "***" : (value as unknown))));
  const api = service.open({ options: { record: folder }, mask });
  expect(await api.get("/a", ANY)).toEqual({ chats: [{ id: "c", sign: "hush4718" }] });
  service.faults.push({ answer: { body: '{"sign":"hush4718"}, and more' } });
  expect(await rejected(api.get("/b", ANY))).toBeInstanceOf(ItemRefused);
  expect((await textsIn(folder)).join()).not.toContain("hush4718");
  const replay = service.open({ options: { replay: folder } });
  expect(await replay.get("/a", ANY)).toEqual({ chats: [{ id: "c", sign: "***" }] });
  expect(await rejected(replay.get("/b", ANY))).toMatchObject({ code: "NOT_JSON" });
});

test("An answer that broke off is replayed as one that did, and what came instead after it", async () => {
  const service = await startService();
  service.faults.push({ answer: { body: '{"sign":"hush4718"' } });
  const mask = (body: unknown) => body;
  const came = await service.open({ options: { record: folder }, mask }).get("/a", ANY);
  expect(service.asked).toHaveLength(2);
  expect((await textsIn(folder)).join()).not.toContain("hush4718");
  expect(await service.open({ options: { replay: folder } }).get("/a", ANY)).toEqual(came);
});

test("A request without a recorded answer fails the run, and is named", async () => {
  const service = await startService();
  const error = await rejected(service.open({ options: { replay: folder } }).get("/v2/missing", ANY, { page: 3 }));
  expect(error).toBeInstanceOf(RunFailed);
  expect(error).not.toBeInstanceOf(ItemRefused);
  expect(error.message).toContain("No answer to /v2/missing is recorded as ");
  expect(error.message).toMatch(/Echo_v2_missing_page_3\.[0-9a-f]{12}\.1\.json\.$/);
});

test("A file that is no recorded answer fails the run", async () => {
  const service = await startService();
  await service.open({ options: { record: folder } }).get("/a", ANY);
  const [name = ""] = await readdir(folder);
  await writeFile(join(folder, name), "{");
  const error = await rejected(service.open({ options: { replay: folder } }).get("/a", ANY));
  expect(error).toBeInstanceOf(RunFailed);
  expect(error.message).toContain(name);
});

test.each([
  ["both a recording and a replay", { record: "a", replay: "b" }],
  ["a recording without a name", { record: "" }],
  ["a replay of what does not exist", { replay: "/no/such/folder" }],
  ["a replay of a file", { replay: process.execPath }],
  ["a recording in what is a file", { record: process.execPath }],
])("%s is the user's mistake", async (_, options) => {
  const { open } = await startService();
  expect(() => open({ options })).toThrow(UserError);
});
