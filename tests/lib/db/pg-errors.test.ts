import { expect, test } from "@jest/globals";
import pg from "pg";
import { describeError, isConnectionLoss, isRowsFault, isTransient } from "../../../scripts/lib/db/pg-errors.ts";

const databaseError = (code: string, more: object = {}) =>
  Object.assign(new pg.DatabaseError("no", 2, "error"), { code, ...more });

test.each(["22001", "22P02", "23502", "23505", "23514", "54000", "54011"])("SQLSTATE %s is the row's fault", (code) => {
  expect(isRowsFault(databaseError(code))).toBe(true);
});

test.each([
  "08006",
  "25006",
  "28P01",
  "40001",
  "40P01",
  "42501",
  "42P01",
  "53100",
  "55P03",
  "57014",
  "57P01",
  "58030",
  "XX000",
])("SQLSTATE %s is never the row's fault", (code) => expect(isRowsFault(databaseError(code))).toBe(false));

test("an error that is not PostgreSQL's is never the row's fault", () => {
  expect(isRowsFault(new Error("Connection terminated unexpectedly"))).toBe(false);
  expect(isRowsFault(undefined)).toBe(false);
});

test("a deadlock may pass, a broken rule does not", () => {
  expect(isTransient(databaseError("40P01"))).toBe(true);
  expect(isTransient(databaseError("23505"))).toBe(false);
});

test.each(["57P01", "57P02", "57P03", "08006"])("SQLSTATE %s means that the connection is gone", (code) => {
  expect(isConnectionLoss(databaseError(code))).toBe(true);
});

test("a cancelled statement leaves its connection whole", () => {
  expect(isConnectionLoss(databaseError("57014"))).toBe(false);
  expect(isConnectionLoss(new Error("Connection terminated unexpectedly"))).toBe(true);
});

test("an error is one line: SQLSTATE and hint always, what quotes rows with verbose only, and never too long", () => {
  const error = databaseError("23505", { hint: "Do\nthis.", detail: `Key (phone)=(${"5".repeat(500)}) exists.` });
  expect(describeError(error)).toBe("no (SQLSTATE 23505) · Do this.");
  expect(describeError(error, { verbose: true })).toMatch(/^no \(SQLSTATE 23505\) · Do this\. · Key \(phone\)=\(5+…$/);
  expect(describeError(error, { verbose: true })).toHaveLength(300);
});
