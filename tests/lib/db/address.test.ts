import { expect, test } from "@jest/globals";
import { parseAddress } from "../../../scripts/lib/db/address.ts";

test("a URL is taken apart, with its encoded characters decoded", () => {
  expect(parseAddress("postgresql://ad%40a:p%23ss@db.example:5433/my%20crm").client).toEqual({
    host: "db.example",
    port: 5433,
    user: "ad@a",
    password: "p#ss",
    database: "my crm",
  });
});

test("what is left out takes PostgreSQL's defaults", () => {
  expect(parseAddress("postgres://localhost").client).toEqual({
    host: "localhost",
    port: 5432,
    user: "postgres",
    database: "postgres",
  });
});

test("an IPv6 address and a socket's folder are hosts, too", () => {
  expect(parseAddress("postgresql://ada@[::1]:5433/crm").client).toMatchObject({ host: "::1", port: 5433 });
  expect(parseAddress("postgresql://ada@/crm?host=/run/postgresql").client.host).toBe("/run/postgresql");
});

test("Prisma's parameters are understood, and psql is shown none of them", () => {
  const address = parseAddress("postgresql://ada:secret@h/crm?schema=sales&pgbouncer=true&connection_limit=1");
  expect(address).toMatchObject({ schema: "sales", pooled: true });
  expect(address.display).toBe("postgresql://ada@h/crm?options=-csearch_path%3Dsales");
  expect(parseAddress("postgresql://ada@h/crm?schema=My%20CRM").display).toBe(
    "postgresql://ada@h/crm?options=-csearch_path%3D%22My%5C%20CRM%22",
  );
});

test.each(["require", "verify-ca", "verify-full", "prefer"])("sslmode=%s verifies the certificate", (mode) => {
  expect(parseAddress(`postgresql://h/crm?sslmode=${mode}`).client.ssl).toEqual({ rejectUnauthorized: true });
});

test("without sslmode there is no TLS", () => {
  expect(parseAddress("postgresql://h/crm").client).not.toHaveProperty("ssl");
});

test.each([
  ["mysql://h/crm", /is not a URL of the form postgresql:/],
  ["h:5432", /is not a URL of the form postgresql:/],
  ["", /is not a URL of the form postgresql:/],
  ["prisma+postgres://accelerate", /leads to Prisma Accelerate.*DIRECT_URL/],
  ["postgresql://ada:10%@h/crm", /holds a % .* write % itself as %25/],
  ["postgresql://h/crm?sslmode=no-verify", /turns off the check/],
  ["postgresql://h/crm?sslaccept=accept_invalid_certs", /turns off the check/],
  ["postgresql://h/crm?sslmode=sometimes", /sslmode=sometimes is not one of/],
  ["postgresql://h/crm?sslmode=require&sslrootcert=/no/such/file", /can't read the certificate file/],
])("%s is refused in a line that names the variable", (url, says) => {
  expect(() => parseAddress(url, "DIRECT_URL")).toThrow(says);
  expect(() => parseAddress(url, "DIRECT_URL")).toThrow(/^DIRECT_URL[^\n]*\.$/);
});

test("a password in the query is used, and shown no more than one before the host", () => {
  const address = parseAddress("postgresql://ada@h/crm?password=SuperSecret123&options=-c%20geqo%3Doff");
  expect(address.client).toMatchObject({ password: "SuperSecret123", options: "-c geqo=off" });
  expect(address.display).toBe("postgresql://ada@h/crm?options=-c%20geqo%3Doff");
});
