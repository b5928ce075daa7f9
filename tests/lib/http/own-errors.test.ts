import { expect, test } from "@jest/globals";
import { z } from "zod";
import type { AccountRefused, ItemRefused } from "../../../scripts/lib/http/errors.ts";
import { rejected, startService } from "./service.ts";

const ANY = z.unknown();

test("What a service calls its own error comes with the refusal, where it is short", async () => {
  const service = await startService();
  const own = async (status: number, body: unknown) => {
    service.faults.push({ answer: { status, body } });
    return (await rejected(service.open().get("/a", ANY))) as ItemRefused | AccountRefused;
  };
  expect((await own(404, { code: "PGRST205", message: "no" })).own).toBe("PGRST205");
  expect((await own(403, { code: 42_501 })).own).toBe("42501");
  expect((await own(404, { code: "x".repeat(41) })).own).toBeUndefined();
  expect((await own(404, "<html>no</html>")).own).toBeUndefined();
});

test("An account may be more patient, and may know what is not worth another attempt", async () => {
  const service = await startService();
  const retries = { retryAfterMs: [5, 5, 5, 5], isFinal: ({ text }: { text: string }) => text.includes("57014") };
  service.faults.push({ answer: { status: 503, body: "" }, times: 4 });
  expect(await service.open({ retries }).get("/a", ANY)).toMatchObject({ path: "/a" });
  expect(service.asked).toHaveLength(5);
  service.faults.push({ answer: { status: 500, body: { code: "57014" } }, times: 2 });
  expect(await rejected(service.open({ retries }).get("/a", ANY))).toMatchObject({ own: "57014", status: 500 });
  expect(service.asked).toHaveLength(6);
});
