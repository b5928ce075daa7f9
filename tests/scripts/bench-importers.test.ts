import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import pg from "pg";
import { main, PAGE } from "../../scripts/bench-importers.ts";
import { makeThreads, toPages } from "../../scripts/lib/bench/importers/threads.ts";
import { checkPage, writeMeasured } from "../../scripts/lib/bench/page.ts";
import { runAlone, runProcess } from "./run-process.ts";

const ELSEWHERE = "postgresql://nobody:secret@127.0.0.1:1/elsewhere";
const env = { TEST_DATABASE_URL: process.env.TEST_ADMIN_URL ?? "", DATABASE_URL: ELSEWHERE, DIRECT_URL: ELSEWHERE };
const SMALL = ["--messages", "2000", "--rounds", "1", "--requests", "12"];

async function leftovers(): Promise<unknown[]> {
  const admin = new pg.Client(env.TEST_DATABASE_URL);
  await admin.connect();
  const { rows } = await admin.query("select datname from pg_database where datname like 'crm_bench_importers%'");
  await admin.end();
  return rows;
}

describe("npm run bench:importers", () => {
  test("measures the sink, whole runs and a limit, ignores DATABASE_URL, and drops its databases", async () => {
    const { code, out, err } = await runAlone("bench-importers", SMALL, env);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^the sink +\d+\.\d +[\d,]+ +\d+ MB +once$/m);
    expect(out).toMatch(/^hand-written inserts of the same rows +\d+\.\d +[\d,]+ +\d+ MB +once$/m);
    expect(out).toMatch(/^of these, the messages alone +\d+\.\d +[\d,]+ +- +once$/m);
    for (const messages of ["200", "2,000"])
      expect(out).toMatch(new RegExp(`^${messages} +\\d+\\.\\d +[\\d,]+ +\\d+ MB$`, "m"));
    expect(out).toMatch(/^12 requests at 10 a second: time \/ least possible +at most 1\.05 +\d\.\d{3} +(not )?met$/m);
    expect(out.match(/ met$/gm)).toHaveLength(3);
    expect(out).not.toContain("elsewhere");
    expect(await leftovers()).toEqual([]);
  }, 120_000);

  test.each([
    [["--messages", "9"], '--messages takes a whole number from 10 to 100000000, not "9".\n'],
    [["--requests", "no"], '--requests takes a whole number from 1 to 100000, not "no".\n'],
  ])("exits 2 on %j with what is allowed", async (argv, err) => {
    expect(await runProcess("bench-importers", argv, env)).toEqual({ code: 2, out: "", err });
  });
});

describe("--write", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("leaves alone what stands around its own markers, also what another command has measured", async () => {
    const page = pathToFileURL(join(folder, "performance.md"));
    const marked = (command: string, text: string) =>
      `<!-- measured: written by ${command} -- --write -->\n${text}\n<!-- measured: end -->\n`;
    await writeFile(
      page,
      `# One\n${marked("npm run bench", "theirs")}\n${marked("npm run bench:importers", "old")}end\n`,
    );
    await writeMeasured(page, "new", "npm run bench:importers");
    const text = await readFile(page, "utf8");
    expect(text).toContain("npm run bench -- --write -->\ntheirs\n<!-- measured: end -->");
    expect(text).toContain("npm run bench:importers -- --write -->\n\nnew\n\n<!-- measured: end -->\nend\n");
    expect(text).not.toContain("old");
  });

  test("refuses a page without its markers before anything is measured; ours has them", async () => {
    const page = pathToFileURL(join(folder, "performance.md"));
    await writeFile(page, "<!-- measured: written by npm run bench -- --write -->\n<!-- measured: end -->\n");
    const stderr = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(await main(["--write"], page)).toBe(2);
    expect(stderr).toHaveBeenCalledWith(expect.stringContaining("lacks the lines <!-- measured: "));
    stderr.mockRestore();
    await expect(checkPage(PAGE, "npm run bench:importers")).resolves.toBeDefined();
  });
});

test("Made-up threads are the same each time, have the wanted number of messages, and no two texts are equal", () => {
  const threads = [...makeThreads(130)];
  expect([...makeThreads(130)]).toEqual(threads);
  const messages = threads.flatMap((thread) => thread.messages);
  expect(messages).toHaveLength(130);
  expect(new Set(messages.map(({ content }) => content)).size).toBe(130);
  const pages = [...toPages(threads, () => 60)];
  expect(pages.map(({ size }) => size)).toEqual([75, 55]);
  expect(pages.flatMap(({ parts }) => parts.map(({ thread }) => thread))).toEqual(threads);
});
