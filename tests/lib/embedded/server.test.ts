import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "@jest/globals";
import { acquireServer } from "../../../scripts/lib/embedded/server.ts";
import { ask, clear, hold, makeFolder, postmasterOf } from "./server-test-bed.ts";

const settings = { fsync: "off" };

afterEach(clear);

test("the server is there between acquire and release, and its databases are UTF8", async () => {
  const home = join(await makeFolder(), "deep/.data");
  const said: string[] = [];
  const server = await acquireServer({ home, settings, say: (line) => said.push(line) });
  expect(said).toEqual([`starting PostgreSQL 18 in ${home}/`]);
  const url = await server.database("crm");
  expect(url).toMatch(/^postgresql:\/\/postgres@127\.0\.0\.1:\d+\/crm$/);
  expect(await ask(url, "show server_encoding")).toBe("UTF8");
  expect(await ask(url, "show timezone")).toBe("UTC");
  expect(await ask(server.adminUrl, "select current_database()")).toBe("postgres");
  await Promise.all([server.release(), server.release()]);
  expect(await postmasterOf(home)).toBeUndefined();
  await expect(ask(url, "select 1")).rejects.toThrow("ECONNREFUSED");
});

test("fsync is on unless it is asked otherwise", async () => {
  const server = await acquireServer({ home: await makeFolder() });
  expect(await ask(server.adminUrl, "show fsync")).toBe("on");
  await server.release();
});

test("rows and the port are the same at the next start", async () => {
  const home = await makeFolder();
  const first = await acquireServer({ home, settings });
  const url = await first.database("crm");
  await ask(url, "create table kept as select 42 as n");
  await first.release();
  const second = await acquireServer({ home, settings });
  expect(await second.database("crm")).toBe(url);
  expect(await ask(url, "select n from kept")).toBe(42);
  await second.release();
});

test("two scripts that make the same database at once both get it", async () => {
  const home = await makeFolder();
  const [one, two] = await Promise.all([acquireServer({ home, settings }), acquireServer({ home, settings })]);
  for (const name of ["a", "b", "c", 'q"uoted наша', "e", "f"]) {
    const [first, second] = await Promise.all([one.database(name), two.database(name)]);
    expect(first).toBe(second);
    expect(await ask(first, "select current_database()")).toBe(name);
  }
  await one.release();
  expect(await ask(two.adminUrl, "select 1")).toBe(1);
  await two.release();
  expect(await postmasterOf(home)).toBeUndefined();
});

test("of scripts that begin at once one starts the server, and the one that ends last stops it", async () => {
  const home = await makeFolder();
  const holders = [hold(home), hold(home), hold(home)];
  const [url, ...others] = await Promise.all(holders.map((holder) => holder.url));
  expect(others).toEqual([url, url]);
  expect(holders.flatMap(({ said }) => said).filter((line) => line.startsWith("starting"))).toHaveLength(1);
  await Promise.all([holders[0]?.end(), holders[1]?.end()]);
  expect(await ask(url ?? "", "select 1")).toBe(1);
  await holders[2]?.end();
  expect(await postmasterOf(home)).toBeUndefined();
});

test("a server that a killed script left running is used by the next, which stops it", async () => {
  const home = await makeFolder();
  const killed = hold(home);
  const url = await killed.url;
  const postmaster = await postmasterOf(home);
  await killed.kill();
  expect(await ask(url, "select 1")).toBe(1);
  const next = hold(home);
  expect(await next.url).toBe(url);
  expect(next.said).toEqual([`using PostgreSQL 18 in ${home}/, which runs already`]);
  expect(await postmasterOf(home)).toBe(postmaster);
  await next.end();
  expect(await postmasterOf(home)).toBeUndefined();
});

test("a killed server is started again, also amidst work and beside a script that still has it", async () => {
  const home = await makeFolder();
  const holder = hold(home);
  const url = await holder.url;
  await ask(url, "create table kept as select 42 as n");
  const busy = ask(url, "select count(*) from generate_series(1, 100000000) a").catch(() => undefined);
  await sleep(100);
  process.kill((await postmasterOf(home)) ?? 0, "SIGKILL");
  const next = await acquireServer({ home, settings });
  expect(await next.database("crm")).toBe(url);
  expect(await ask(url, "select n from kept")).toBe(42);
  await next.release();
  expect(await ask(url, "select n from kept")).toBe(42); // the other one has it still
  await holder.end();
  expect(await postmasterOf(home)).toBeUndefined();
  await busy;
});

test("a script killed while it makes the data folder leaves nothing in the way of the next", async () => {
  const home = await makeFolder();
  const killed = hold(home);
  while (!(await readdir(home)).some((name) => name.startsWith("postgres.new-"))) await sleep(5);
  await sleep(50);
  await killed.kill();
  const server = await acquireServer({ home, settings });
  expect(await ask(server.adminUrl, "select 1")).toBe(1);
  expect((await readdir(home)).sort()).toEqual(["lock", "port", "postgres", "server.conf", "server.log", "users.lock"]);
  await server.release();
});

test("a script killed while it starts the server leaves it to the next", async () => {
  const home = await makeFolder();
  await (await acquireServer({ home, settings })).release();
  const killed = hold(home);
  while (!(await postmasterOf(home))) await sleep(1);
  await killed.kill();
  const server = await acquireServer({ home, settings });
  expect(await ask(server.adminUrl, "select 1")).toBe(1);
  await server.release();
  expect(await postmasterOf(home)).toBeUndefined();
});

test("LANG and PG variables of the shell change nothing", async () => {
  const env = { ...process.env, LANG: "ru_RU.KOI8-R", LC_ALL: "ru_RU.KOI8-R", PGDATA: "/nowhere", PGPORT: "1" };
  const holder = hold(await makeFolder(), { env });
  const url = await holder.url;
  const locale = "select concat_ws(' ', pg_encoding_to_char(encoding), datlocprovider, datlocale) from pg_database";
  expect(await ask(url, `${locale} where datname = current_database()`)).toBe("UTF8 b C.UTF-8");
  expect(await ask(url, "select lower('ПРИВЕТ')")).toBe("привет");
  expect(await ask(url, "select to_tsvector('russian', 'ЗАЯВКИ')::text")).toBe("'заявк':1");
  await holder.end();
});
