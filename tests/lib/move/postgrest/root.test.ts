/** Where PostgREST is looked for, and what it is told. */
import { beforeEach, expect, test } from "@jest/globals";
import { UserError } from "../../../../scripts/lib/errors.ts";
import { useDatabase } from "../../../helpers/database.ts";
import { PUBLISHABLE_KEY, SECRET_KEY } from "../../../helpers/stand-ins/postgrest.ts";
import { rejected } from "../../http/service.ts";
import { startService, tableOf, whole } from "./service.ts";

const db = useDatabase({ empty: true });

beforeEach(async () => {
  await db.query(
    "create table items as select i as id from generate_series(1, 60) i; alter table items add primary key (id)",
  );
});

test("PostgREST is found with a gateway before it, without one, and under a path of its own", async () => {
  for (const path of ["/rest/v1", "", "/api/rest"]) {
    const service = await startService(db, { path });
    const source = await service.open(path === "/api/rest" ? { url: `${service.url}${path}/` } : {});
    expect(await source.count(await tableOf(source, "items"), whole("items"))).toBe(60);
    expect(source.display).toBe(service.url);
  }
});

test("Where nothing of the kind answers, the message names the address and the variable", async () => {
  const { open, url } = await startService(db, { path: "/elsewhere" });
  const error = await rejected(open());
  expect(error.message).toBe(`No PostgREST answers at ${url}. Check SUPABASE_URL.`);
});

test("A description that is turned off is missed when it is asked for", async () => {
  const { open } = await startService(db, { describes: false });
  const source = await open();
  const error = await rejected(source.catalog());
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).toContain("openapi-mode is disabled");
});

test("A secret key is sent alone, by what is not a browser; a publishable one is not sent at all", async () => {
  const { open, asked } = await startService(db);
  await (await open({ key: SECRET_KEY })).catalog();
  for (const { headers } of asked) {
    expect(headers.apikey).toBe(SECRET_KEY);
    expect(headers.authorization).toBeUndefined();
    expect(headers["user-agent"]).toBe("crm-migrations");
  }
  asked.length = 0;
  expect(await rejected(open({ key: PUBLISHABLE_KEY }))).toBeInstanceOf(UserError);
  expect(asked).toEqual([]);
});

test("A schema that is not exposed is refused by its name", async () => {
  const { open } = await startService(db);
  expect((await rejected(open({ schema: "hidden" }))).message).toContain("does not expose that schema");
});
