import { expect, test } from "@jest/globals";
import pg from "pg";
import { MustWait, RunFailed, UserError } from "../../../scripts/lib/errors.ts";
import { Interrupted } from "../../../scripts/lib/interrupts.ts";
import { failedDocument } from "../../../scripts/lib/report/document.ts";
import { complaintOf, exitCodeOf } from "../../../scripts/lib/report/failure.ts";

const databaseError = (code: string, message = "no") =>
  Object.assign(new pg.DatabaseError(message, message.length, "error"), { code, detail: "Key (phone)=(555) exists." });

const systemError = (code: string) => Object.assign(new Error(`connect ${code} 127.0.0.1:1`), { code });

test.each([
  { name: "a mistake of the user's", error: new UserError("Do it so."), exitCode: 2, says: /^Do it so\.$/ },
  { name: "a lock that another holds", error: new MustWait("Wait."), exitCode: 75, says: /^Wait\.$/ },
  { name: "a failure", error: new RunFailed("It failed."), exitCode: 1, says: /^It failed\.$/ },
  { name: "Ctrl-C", error: new Interrupted("SIGINT"), exitCode: 130, says: /^Interrupted by SIGINT\.$/ },
  { name: "SIGTERM", error: new Interrupted("SIGTERM"), exitCode: 143, says: /^Interrupted by SIGTERM\.$/ },
  { name: "no server", error: systemError("ECONNREFUSED"), exitCode: 2, says: /^No server answers there/ },
  { name: "a wrong password", error: databaseError("28P01"), exitCode: 2, says: /SQLSTATE 28P01.*DATABASE_URL\.$/ },
  { name: "no such database", error: databaseError("3D000"), exitCode: 2, says: /SQLSTATE 3D000.*DATABASE_URL\.$/ },
  { name: "a missing right", error: databaseError("42501"), exitCode: 2, says: /needs that right\.$/ },
  { name: "a full disk", error: databaseError("53100"), exitCode: 1, says: /^no \(SQLSTATE 53100\)$/ },
])("$name: exit $exitCode and one line", ({ error, exitCode, says }) => {
  expect(exitCodeOf(error)).toBe(exitCode);
  expect(complaintOf(error)).toMatch(says);
  expect(complaintOf(error)).not.toContain("\n");
});

test("a bug of ours shows its stack", () => {
  expect(complaintOf(new TypeError("oops"))).toMatch(/^TypeError: oops\n\s+at /);
  expect(exitCodeOf(new TypeError("oops"))).toBe(1);
});

test("what PostgreSQL quotes of a row is for --verbose only", () => {
  const failed = new RunFailed("It failed.", { cause: databaseError("23505") });
  expect(complaintOf(failed)).not.toContain("555");
  expect(complaintOf(failed, { verbose: true })).toContain("Key (phone)=(555)");
});

test.each([
  [new MustWait("later"), "waiting"],
  [new Interrupted("SIGINT"), "interrupted"],
  [new UserError("no"), "failed"],
  [new Error("oops"), "failed"],
])("the document of %s says %s", (error, status) => {
  const document = failedDocument({ name: "a-script", number: 9 }, ["--dry-run"], new Date(), error);
  expect(document).toMatchObject({ script: "a-script", batch: 9, runId: null, mode: "dry-run", status, errors: [] });
});
