import { expect, test } from "@jest/globals";
import { z } from "zod";
import { isConnectionLoss, isTransient } from "../../../scripts/lib/db/pg-errors.ts";
import { RunFailed } from "../../../scripts/lib/errors.ts";
import { ItemRefused } from "../../../scripts/lib/http/errors.ts";
import { networkFailure } from "../../../scripts/lib/http/network.ts";
import { rejected, startService } from "./service.ts";

const ANY = z.unknown();

/** Neither its class nor its words may make the engine take it for a lost database connection. */
function expectNotToBeTakenForTheDatabase(error: Error): void {
  expect(isTransient(error)).toBe(false);
  expect(isConnectionLoss(new Error(error.message))).toBe(false);
  expect(error.message).not.toMatch(/E[A-Z]{5,}|fetch failed|terminated/);
}

test("A connection that always breaks costs the item only", async () => {
  const service = await startService();
  service.faults.push({ cut: "reset", times: 3 });
  const error = await rejected(service.open().get("/a", ANY));
  expect(error).toMatchObject({ code: "NETWORK", status: undefined, message: "Echo broke off its answer to /a." });
  expectNotToBeTakenForTheDatabase(error);
});

test("A port where nothing listens fails the run in plain words", async () => {
  const service = await startService();
  await service.close();
  const error = await rejected(service.open().get("/a", ANY));
  expect(error).toBeInstanceOf(RunFailed);
  expect(error).not.toBeInstanceOf(ItemRefused);
  expect(error.message).toBe(`Echo does not answer at ${service.url}: nothing listens there.`);
  expect(service.said).toHaveLength(4);
  expectNotToBeTakenForTheDatabase(error);
});

test.each([
  ["a name that nobody has", "http://nobody.invalid", "that name"],
  ["a port that must not be asked", "http://127.0.0.1:1", "nothing of that port"],
])("%s fails the run in plain words", async (_, baseUrl, why) => {
  const { open } = await startService();
  const error = await rejected(open({ baseUrl }).get("/a", ANY));
  expect(error).toBeInstanceOf(RunFailed);
  expect(error).not.toBeInstanceOf(ItemRefused);
  expect(error.message).toMatch(`Echo does not answer at ${baseUrl}: `);
  expect(error.message).toContain(why);
  expect(error).not.toHaveProperty("code");
  expectNotToBeTakenForTheDatabase(error);
});

test("A service without TLS where TLS is asked for fails the run in plain words", async () => {
  const service = await startService();
  const baseUrl = service.url.replace("http:", "https:");
  const error = await rejected(service.open({ baseUrl }).get("/a", ANY));
  expect(error.message).toContain(`Echo does not answer at ${baseUrl}: it does not speak TLS as expected.`);
  expectNotToBeTakenForTheDatabase(error);
});

test.each([
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
])("What node reports as %s is said in plain words", (code) => {
  const cause = Object.assign(new Error("certificate"), { code });
  const failure = networkFailure(new TypeError("fetch failed", { cause }), { service: "Echo", path: "/" }, "https://e");
  expect(failure?.message).toMatch(/^Echo does not answer at https:\/\/e: its TLS identity/);
  expectNotToBeTakenForTheDatabase(failure as Error);
});

test("An error of ours within an exchange is none of the network's", () => {
  expect(networkFailure(new RangeError("x"), { service: "Echo", path: "/" }, "https://e")).toBeUndefined();
});
