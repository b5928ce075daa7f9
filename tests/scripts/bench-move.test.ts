import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import pg from "pg";
import { main, PAGE } from "../../scripts/bench-move.ts";
import { NAMES } from "../../scripts/lib/bench/move/contestants.ts";
import { fingerprintOf, withGround } from "../../scripts/lib/bench/move/ground.ts";
import { execute, findTool } from "../../scripts/lib/bench/move/programs.ts";
import type { Standing } from "../../scripts/lib/bench/move/race.ts";
import { findPrograms, withSystemServer } from "../../scripts/lib/bench/move/server.ts";
import { moveBarsTable } from "../../scripts/lib/bench/move/tables.ts";
import { checkPage } from "../../scripts/lib/bench/page.ts";
import { withOwnServer } from "../../scripts/lib/own-database.ts";
import { runAlone, runProcess } from "./run-process.ts";

const ELSEWHERE = "postgresql://nobody:secret@127.0.0.1:1/elsewhere";
const env = { TEST_DATABASE_URL: process.env.TEST_ADMIN_URL ?? "", DATABASE_URL: ELSEWHERE, DIRECT_URL: ELSEWHERE };

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test("npm run bench:move measures what is there, says what is not, ignores DATABASE_URL, and drops its databases", async () => {
  const { code, out, err } = await runAlone("bench-move", ["--rows", "2000", "--rounds", "1"], env);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^batch 10: plan, schema, copy +\d+\.\d +(-|\d+\.\d\d) +[\d,]+ +\d+ MB +once$/m);
  expect(out).toMatch(/^batch 10: copy +\d+\.\d +(-|\d+\.\d\d) +[\d,]+ +\d+ MB +once$/m);
  expect(out).toMatch(/^ {2}pgcopydb(: not installed, left out| \d.*)$/m);
  for (const way of ["1,000 rows an answer, 1 at a time", "1,000 rows an answer, 2 at a time, 50 ms away"])
    expect(out).toMatch(new RegExp(`^${way} +\\d+\\.\\d +\\d+\\.\\d +\\d+\\.\\d\\d +\\d+ MB +once$`, "m"));
  expect(out).not.toContain("elsewhere");
  const left = "select datname from pg_database where datname like 'crm_bench_move%'";
  expect(await ask(env.TEST_DATABASE_URL, left)).toEqual([]);
}, 240_000);

test.each([
  [["--rows", "9"], '--rows takes a whole number from 100 to 100000000, not "9".\n'],
  [["--write", "--only", "direct"], "--write writes down all parts: leave --only out.\n"],
])("exits 2 on %j with what is allowed", async (argv, err) => {
  expect(await runProcess("bench-move", argv, env)).toEqual({ code: 2, out: "", err });
});

describe("what a move is measured on", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("a page without its markers is refused before anything is measured; ours has them", async () => {
    const page = pathToFileURL(join(folder, "performance.md"));
    await writeFile(page, "<!-- measured: written by npm run bench -- --write -->\n<!-- measured: end -->\n");
    const stderr = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(await main(["--write"], page)).toBe(2);
    expect(stderr).toHaveBeenCalledWith(expect.stringContaining("lacks the lines <!-- measured: "));
    stderr.mockRestore();
    await expect(checkPage(PAGE, "npm run bench:move")).resolves.toBeDefined();
  });

  test("the newest of the system's servers is taken, if it is whole", async () => {
    for (const version of ["9.6", "15", "17"]) await mkdir(join(folder, version, "bin"), { recursive: true });
    for (const version of ["9.6", "15"]) await writeFile(join(folder, version, "bin", "initdb"), "");
    expect(await findPrograms(folder)).toBe(join(folder, "15", "bin"));
    expect(await findPrograms(join(folder, "nowhere"))).toBeUndefined();
  });

  test("a server is started on data of its own, and nothing of it stays", async () => {
    const before = process.env.TEST_DATABASE_URL;
    process.env.TEST_DATABASE_URL = "";
    try {
      if ((await findPrograms("/usr/lib/postgresql")) === undefined) return;
      const [url, rows] = await withSystemServer(
        "bench-test",
        () => undefined,
        async (server) => {
          const made = await server.create("made");
          return [made, await ask(made, "select current_database() as name")];
        },
      );
      expect(rows).toEqual([{ name: "made" }]);
      await expect(ask(url, "select 1")).rejects.toThrow("ECONNREFUSED");
    } finally {
      process.env.TEST_DATABASE_URL = before;
    }
  });

  test("a database is the same each time, and one row more or less, or an index that lacks, is seen", async () => {
    process.env.TEST_DATABASE_URL = env.TEST_DATABASE_URL;
    await withOwnServer(
      "bench-move-test",
      () => undefined,
      async (server) => {
        const prints = await withGround(server, 400, async ({ source }) => {
          const first = await fingerprintOf(source);
          await ask(source, "update salon.clients set notes = 'other' where id = 7");
          const second = await fingerprintOf(source);
          await ask(source, "drop index salon.bookings_open_idx");
          return [first, second, await fingerprintOf(source)];
        });
        expect(new Set(prints.map((one) => JSON.stringify(one))).size).toBe(3);
        expect(await withGround(server, 400, ({ source }) => fingerprintOf(source))).toEqual(prints[0]);
      },
    );
  });
});

test("A tool that is not there, or that can't read the server, is left out with the reason", async () => {
  expect(await findTool("no-such-tool" as "psql", 15)).toEqual({ lacking: "no-such-tool: not installed, left out" });
  const found = await findTool("psql", 99);
  if ("lacking" in found)
    expect(found.lacking).toMatch(/^psql(: not installed| [\d.]+: older than the server), left out$/);
  else throw new Error(`psql ${found.version} is taken for newer than any server.`);
});

test("A program that fails is told with what it said", async () => {
  await expect(execute("/bin/sh", ["-c", "echo 'error: no luck' >&2; exit 3"])).rejects.toThrow(
    "/bin/sh ended with exit 3: error: no luck",
  );
});

test("Bars are met or not by their ratios, and those of contestants that are left out are not told", () => {
  const standing = (name: string, ms: number): Standing => ({
    name,
    ms,
    intoTables: false,
    wholeMs: undefined,
    peakBytes: 1,
  });
  const race = (standings: readonly Standing[]) => ({ rows: 1, rounds: 1, standings, tools: [] });
  const raced = race([standing(NAMES.dump, 100), standing(NAMES.pgcopydb, 120), standing(NAMES.ours, 150)]);
  const served = { rows: 1, rounds: 1, maxRows: 1_000, workers: 2, awayMs: 50, readMs: 100, copyMs: 121, peakBytes: 1 };
  expect(moveBarsTable(raced, [served]).rows).toEqual([
    ["batch 10 / pg_dump | psql", "1.50", "1.50", "met"],
    ["batch 10 / pgcopydb", "1.00", "1.25", "not met"],
    ["PostgREST, 1,000 rows an answer, 2 at a time, 50 ms away: copying / reading alone", "1.20", "1.21", "not met"],
  ]);
  expect(moveBarsTable(race([standing(NAMES.ours, 150)]), []).rows).toEqual([]);
});
