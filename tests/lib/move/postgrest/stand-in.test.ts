/** What PostgREST answers to what: the stand-in is held to the table of statuses that the real one was seen to keep. */
import { beforeEach, expect, test } from "@jest/globals";
import { useDatabase } from "../../../helpers/database.ts";
import { ANON_KEY, SECRET_KEY, SERVICE_KEY, type Variant } from "../../../helpers/stand-ins/postgrest.ts";
import { startService } from "./service.ts";

const db = useDatabase({ empty: true });

beforeEach(async () => {
  await db.query(`create table items as select i as id, 'n' || i as name from generate_series(1, 15) i;
                  create table nothing (id int)`);
});

const AUTHORISED = { apikey: SERVICE_KEY, authorization: `Bearer ${SERVICE_KEY}` };
const COUNTED = { ...AUTHORISED, prefer: "count=exact" };

async function get(path: string, headers: Record<string, string> = AUTHORISED, variant: Variant = {}) {
  const { url } = await startService(db, variant);
  const response = await fetch(`${url}/rest/v1/${path}`, { headers });
  return { status: response.status, range: response.headers.get("content-range"), body: await response.json() };
}

const ids = (body: unknown): number[] => (body as { id: number }[]).map(({ id }) => id);

test.each([
  ["rows without a count", "items?limit=5&order=id", AUTHORISED, 200, "0-4/*", 5],
  ["no rows without a count", "nothing", AUTHORISED, 200, "*/*", 0],
  ["a counted page", "items?limit=5&order=id", COUNTED, 206, "0-4/15", 5],
  ["a whole table, counted", "items?limit=100", COUNTED, 200, "0-14/15", 15],
  ["an empty table, counted", "nothing", COUNTED, 200, "*/0", 0],
  ["an offset that is the total", "items?offset=15", COUNTED, 206, "*/15", 0],
  ["an offset past the end, counted", "items?offset=16", COUNTED, 416, "*/15", undefined],
  ["an offset past the end, not counted", "items?offset=16", AUTHORISED, 200, "*/*", 0],
  ["no rows at all", "items?limit=0", AUTHORISED, 200, "*/*", 0],
  ["fewer than no rows", "items?limit=-1", AUTHORISED, 416, "*/*", undefined],
  ["a Range beside a limit", "items?limit=9", { ...AUTHORISED, range: "3-4" }, 200, "3-4/*", 2],
])("It answers %s as PostgREST does", async (_, path, headers, status, range, rows) => {
  const answer = await get(path, headers);
  expect([answer.status, answer.range]).toEqual([status, range]);
  expect(Array.isArray(answer.body) ? answer.body.length : undefined).toBe(rows);
});

test("It clips every page to db-max-rows without a word", async () => {
  expect(await get("items?limit=10&order=id.asc", AUTHORISED, { maxRows: 2 })).toMatchObject({
    status: 200,
    range: "0-1/*",
    body: [{ id: 1 }, { id: 2 }],
  });
});

test("Without an order, the same request has its rows in another order", async () => {
  const { url } = await startService(db);
  const read = async () => ids(await (await fetch(`${url}/rest/v1/items`, { headers: AUTHORISED })).json());
  const [first, second] = [await read(), await read()];
  expect(second).not.toEqual(first);
  expect(second.toSorted((a, b) => a - b)).toEqual(first.toSorted((a, b) => a - b));
});

test("It reads conditions, quotes, aliases and casts", async () => {
  const where = encodeURIComponent('(id.gt."3",or(name.eq."n4",and(id.gte.7,id.lt."8")),name.not.in.("n9","x,y"))');
  expect((await get(`items?select=key:id::text,name&and=${where}&order=id.desc`)).body).toEqual([
    { key: "7", name: "n7" },
    { key: "4", name: "n4" },
  ]);
  expect(ids((await get("items?id=lte.2&name=not.eq.n1")).body)).toEqual([2]);
});

test.each([
  ["no key", "items", {}, 401, undefined],
  ["a key that nobody knows", "items", { apikey: "x" }, 401, undefined],
  ["a key without its token", "items", { apikey: SERVICE_KEY }, 401, "PGRST301"],
  ["a secret key as a token", "items", { apikey: SECRET_KEY, authorization: `Bearer ${SECRET_KEY}` }, 401, "PGRST301"],
  ["a secret key in a browser", "items", { apikey: SECRET_KEY, "user-agent": "Mozilla/5.0" }, 401, undefined],
  ["a table that is not there", "absent", AUTHORISED, 404, "PGRST205"],
  ["a column that is not there", "items?select=absent", AUTHORISED, 400, "42703"],
  ["a query that can't be read", "items?and=(id.gt)", AUTHORISED, 400, "PGRST100"],
  ["a schema that is not exposed", "items", { ...AUTHORISED, "accept-profile": "x" }, 406, "PGRST106"],
  ["a plan", "items", { ...AUTHORISED, accept: "application/vnd.pgrst.plan+json" }, 406, "PGRST107"],
])("It refuses %s as PostgREST and its gateway do", async (_, path, headers, status, code) => {
  const answer = await get(path, headers as Record<string, string>);
  expect(answer.status).toBe(status);
  expect((answer.body as { code?: string }).code).toBe(code);
});

test("It lets an anonymous key in, and writes for nobody", async () => {
  const { url } = await startService(db);
  const headers = { apikey: ANON_KEY, authorization: `Bearer ${ANON_KEY}` };
  expect((await fetch(`${url}/rest/v1/items`, { headers })).status).toBe(200);
  expect((await fetch(`${url}/rest/v1/items`, { headers: AUTHORISED, method: "DELETE" })).status).toBe(405);
});
