import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, expect, test } from "@jest/globals";
import { z } from "zod";
import { RunFailed } from "../../../scripts/lib/errors.ts";
import { ItemRefused } from "../../../scripts/lib/http/errors.ts";
import { rejected, startService } from "./service.ts";

const ANY = z.unknown();
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server that does what no service should. */
async function serve(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer({}, listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("Letters that are cut by the ends of chunks arrive whole", async () => {
  const text = JSON.stringify({ text: "жалоба ".repeat(2_000) });
  const url = await serve(async (_, response) => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 4_999) {
      response.write(bytes.subarray(at, at + 4_999));
      await sleep(2);
    }
    response.end();
  });
  const { open } = await startService();
  expect(await open({ baseUrl: url }).get("/", ANY)).toEqual(JSON.parse(text));
});

test("A redirect within the origin is followed, with all that says who we are", async () => {
  const service = await startService(({ path, headers }) =>
    path === "/old"
      ? { status: 308, headers: { location: "/new?x=1" }, body: "" }
      : { body: { path, token: headers.authorization } },
  );
  const api = service.open({ headers: { authorization: "hush-4712" } });
  expect(await api.get("/old", ANY)).toEqual({ path: "/new", token: "hush-4712" });
  expect(api.usage().requests).toBe(2);
});

test("A redirect to another origin is refused, and that one is not asked", async () => {
  const other = await startService();
  const service = await startService(() => ({
    status: 302,
    headers: { location: `${other.url}/x?secret=1` },
    body: "",
  }));
  const error = await rejected(service.open().get("/a", ANY));
  expect(error).toBeInstanceOf(RunFailed);
  expect(error.message).toBe(`Echo at ${service.url} redirects to another origin, ${other.url}: not followed.`);
  expect([service.asked.length, other.asked.length]).toEqual([1, 0]);
});

test.each([
  ["in a circle", "/a", "more than 5 times"],
  ["nowhere", "", "without saying where to look"],
])("A redirect %s ends the run", async (_, location, message) => {
  const service = await startService(() => ({ status: 302, headers: { location }, body: "" }));
  const error = await rejected(service.open().get("/a", ANY));
  expect(error).toBeInstanceOf(RunFailed);
  expect(error).not.toBeInstanceOf(ItemRefused);
  expect(error.message).toContain(message);
});

test.each(["with its length", "without its length"])(
  "A body that is too large is refused %s, and is not tried again",
  async (how) => {
    let written = 0;
    let asked = 0;
    const url = await serve(async (_, response) => {
      asked += 1;
      if (how === "with its length") response.setHeader("content-length", 2 ** 30);
      for (; written < 2 ** 26 && !response.destroyed; written += 2 ** 16) {
        response.write("x".repeat(2 ** 16));
        await sleep(1);
      }
    });
    const { open } = await startService();
    const error = await rejected(open({ baseUrl: url, maxBytes: 2 ** 18 }).get("/big", ANY));
    expect(error).toMatchObject({ code: "TOO_LARGE", message: "Echo answered /big with more than 262144 bytes." });
    await sleep(50);
    expect(written).toBeLessThan(2 ** 24);
    expect(asked).toBe(1);
  },
);

test.each(["before it begins", "in its middle"])(
  "An answer that stops %s is given up after the time-out, three times",
  async (when) => {
    const url = await serve((_, response) => {
      if (when === "in its middle") response.write('{"a":');
    });
    const { open } = await startService();
    const api = open({ baseUrl: url, options: { timeout: 150 }, timeoutMs: 60_000 });
    const error = await rejected(api.get("/slow", ANY, { q: "hush" }));
    expect(error).toMatchObject({ code: "TIMEOUT", message: "Echo did not answer /slow within 0.15 s." });
    expect(api.usage().requests).toBe(3);
  },
);

test.each(["before the answer", "within it"])("An abort %s rejects with the signal's reason at once", async (when) => {
  let asked = 0;
  const url = await serve((_, response) => {
    asked += 1;
    if (when === "within it") response.write('{"a":');
  });
  const { open, stop } = await startService();
  const asking = rejected(open({ baseUrl: url }).get("/a", ANY));
  while (asked === 0) await sleep(5);
  await sleep(20);
  const reason = new Error("stop");
  stop.abort(reason);
  expect(await asking).toBe(reason);
  expect(asked).toBe(1);
});

test("A process that has asked ends by itself while the service keeps the connection open", async () => {
  const { url } = await startService();
  const api = fileURLToPath(new URL("../../../scripts/lib/http/api.ts", import.meta.url));
  const code = `
    import { z } from "zod";
    const { openApi } = await import(${JSON.stringify(api)});
    const api = openApi({ name: "Echo", baseUrl: ${JSON.stringify(url)}, options: {},
      signal: new AbortController().signal, waits: () => {}, pace: { burst: { requests: 2, perMs: 60_000 } } });
    await api.get("/a", z.unknown());
    console.log(process.uptime());`;
  const since = performance.now();
  const args = ["--import", "tsx", "--input-type=module", "-e", code];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  const lingered = performance.now() - since - Number(stdout) * 1_000;
  expect(lingered).toBeLessThan(1_500);
});
