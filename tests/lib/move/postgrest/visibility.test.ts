import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { lookForFilter, type Visibility } from "../../../../scripts/lib/move/postgrest/visibility.ts";
import { useDatabase } from "../../../helpers/database.ts";
import type { Variant } from "../../../helpers/stand-ins/postgrest.ts";
import { startService } from "./service.ts";

const role = `bound_${process.pid}_${Date.now()}`;

// Roles outlive databases, and this one goes before its database does.
afterEach(async () => {
  await db.query(`drop owned by ${role}; drop role ${role}`);
});

const db = useDatabase({ empty: true });

beforeEach(async () => {
  await db.query(`create table clients (id int primary key, company int not null);
                  create table visits (id int primary key, client_id int references clients);
                  insert into clients select i, i % 2 from generate_series(1, 40) i;
                  insert into visits select i, nullif(i, 1) from generate_series(1, 40) i;
                  create role ${role};
                  grant select on clients, visits to ${role}`);
});

async function look(variant: Variant = {}): Promise<Visibility> {
  const { open } = await startService(db, { role, ...variant });
  const source = await open();
  return lookForFilter(source.client, await source.catalog());
}

const hideSome = () =>
  db.query("alter table clients enable row level security; create policy own on clients using (company = 1)");

test("A policy that hides rows shows itself in the database's plan", async () => {
  await hideSome();
  expect(await look({ showsPlans: true })).toMatchObject({
    rows: "filtered",
    why: [expect.stringMatching(/^clients is read through a filter: .*company = 1/), expect.anything()],
  });
});

test("A table of which no policy lets a row out is found, too", async () => {
  await db.query("alter table visits enable row level security");
  expect(await look({ showsPlans: true })).toMatchObject({
    rows: "filtered",
    why: [expect.stringMatching(/^visits is read through a filter: false/)],
  });
});

test("Without plans, references to rows that are not shown give the filter away", async () => {
  await hideSome();
  const { rows, why } = await look();
  expect(rows).toBe("filtered");
  expect(why).toEqual(["visits.client_id refers to 20 of 39 rows of clients that are not shown"]);
});

test("Plans without a filter prove that every row is shown", async () => {
  expect(await look({ showsPlans: true })).toEqual({
    rows: "all",
    why: ["the database's plans read every table without a filter"],
  });
});

test("Where nothing speaks against it, the role is believed, and what can't be known is said", async () => {
  await db.query("alter table visits enable row level security");
  expect(await look()).toEqual({
    rows: "presumed",
    why: [
      "row-level security does not bind the role service_role at Supabase",
      "PostgREST does not show its plans, so a filter by row-level security can't be ruled out",
    ],
  });
});
