import { expect, test } from "@jest/globals";
import { parseAddress } from "../../../scripts/lib/db/address.ts";
import { keepSecret, redact } from "../../../scripts/lib/report/redact.ts";

test("a password in any URL is taken out, whoever wrote it", () => {
  expect(redact("at postgresql://ada:p%40ss@db.example/crm, or mysql://x:y@h/z")).toBe(
    "at postgresql://ada:***@db.example/crm, or mysql://x:***@h/z",
  );
});

test("a URL without a password stays as it is", () => {
  for (const text of ["postgresql://ada@db.example:5432/crm", "https://example.org:8080/a", "10:30 and a@b"])
    expect(redact(text)).toBe(text);
});

test("the password of an address is taken out wherever it turns up, encoded or not", () => {
  parseAddress("postgresql://ada:op%40n-sesame@db.example/crm");
  expect(redact("op@n-sesame, op%40n-sesame")).toBe("***, ***");
});

test("a longer secret goes before one that it holds", () => {
  for (const secret of ["alpha", "alpha-beta"]) keepSecret(secret);
  expect(redact("alpha-beta alpha")).toBe("*** ***");
});

test("a secret of three letters would blot out words, and is left", () => {
  keepSecret("and");
  expect(redact("this and that")).toBe("this and that");
});

test("what an Authorization header holds is taken out", () => {
  expect(redact("Authorization: Bearer abc.def-123456=")).toBe("Authorization: Bearer ***");
});
