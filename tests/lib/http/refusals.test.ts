import { expect, test } from "@jest/globals";
import { RunFailed } from "../../../scripts/lib/errors.ts";
import { AccountRefused, ItemRefused } from "../../../scripts/lib/http/errors.ts";
import { Refusals } from "../../../scripts/lib/http/refusals.ts";

const refused = new ItemRefused("Echo answered 500 for /a.", { code: "HTTP_500", status: 500 });

test("A refused item becomes one for the quarantine", () => {
  const item = new Refusals().refuse(refused, "a/1");
  expect(item).toEqual({ key: "a/1", code: "HTTP_500", message: "Echo answered 500 for /a." });
});

test.each([new AccountRefused("no", { status: 401 }), new RunFailed("down"), new Error("bug"), "text"])(
  "What is not about an item is thrown on: %s",
  (error) => {
    let thrown: unknown;
    try {
      new Refusals().refuse(error, "a");
    } catch (caught) {
      thrown = caught;
    }
    expect(thrown).toBe(error);
  },
);

test("The twentieth refusal in a row stops the run, and says why", () => {
  const refusals = new Refusals();
  for (let item = 1; item < 20; item += 1) refusals.refuse(refused, String(item));
  const last = () => refusals.refuse(refused, "20");
  expect(last).toThrow(RunFailed);
  expect(last).not.toThrow(ItemRefused);
  expect(last).toThrow("20 items in a row were refused, so they are not to blame. The last: Echo answered 500 for /a.");
});

test("An item that is not refused lets the count begin anew", () => {
  const refusals = new Refusals();
  for (let item = 1; item < 100; item += 1) {
    if (item % 19 === 0) refusals.ok();
    expect(refusals.refuse(refused, String(item)).key).toBe(String(item));
  }
});
