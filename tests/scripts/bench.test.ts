import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { main, SETTING, type Setting } from "../../scripts/bench.ts";
import { NAMES, TURNS, type Turn } from "../../scripts/lib/bench/contestants.ts";
import { checkPage } from "../../scripts/lib/bench/page.ts";
import { runProcess } from "./run-process.ts";

const ELSEWHERE = "postgresql://nobody:secret@127.0.0.1:1/elsewhere";
const env = { TEST_DATABASE_URL: process.env.TEST_ADMIN_URL ?? "", DATABASE_URL: ELSEWHERE, DIRECT_URL: ELSEWHERE };
const SMALL = ["--audits", "3000", "--leads", "100", "--rounds", "1"];

const PAGE = `# Performance

By hand.

<!-- measured: written by npm run bench -- --write -->
1,234 seconds of last year
<!-- measured: end -->

By hand, too.
`;

let folder: string;
let setting: Setting;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bench-"));
  const page = pathToFileURL(join(folder, "performance.md"));
  await writeFile(page, PAGE);
  setting = { ...SETTING, page, idleMs: 400 };
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the benchmark inside the test's process; waits while another test run is busy with it on the same server. */
async function runBench(argv: readonly string[], own: Setting = setting) {
  const { env: before, stdout, stderr } = process;
  const printed = { out: "", err: "" };
  const writes = [stdout.write, stderr.write] as const;
  const into = (name: keyof typeof printed) => (chunk: unknown) => {
    printed[name] += chunk;
    return true;
  };
  process.env = { ...before, ...env };
  stdout.write = into("out");
  stderr.write = into("err");
  try {
    for (;;) {
      Object.assign(printed, { out: "", err: "" });
      const code = await main(argv, own);
      if (code !== 75) return { code, ...printed };
      await sleep(500);
    }
  } finally {
    process.env = before;
    [stdout.write, stderr.write] = writes;
  }
}

async function leftovers(): Promise<unknown[]> {
  const admin = new pg.Client(env.TEST_DATABASE_URL);
  await admin.connect();
  const { rows } = await admin.query("select datname from pg_database where datname ~ '^crm_bench_([0-9]|clone)'");
  await admin.end();
  return rows;
}

describe("npm run bench", () => {
  test("measures every contestant, growth and a live writer, writes the page between its markers, and drops its databases", async () => {
    const { code, out, err } = await runBench([...SMALL, "--write"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const row = (name: string) =>
      new RegExp(`^${name}( \\(extrapolated\\))? +\\d+\\.\\d +\\d+\\.\\d\\d +[\\d,]+ +`, "m");
    for (const name of Object.values(NAMES)) expect(out).toMatch(row(name));
    expect(out).toMatch(/^All wrote the same 2,\d{3} messages and 100 conversations\.$/m);
    expect(out).toMatch(/^Prisma create, row by row: \d+ messages a second, extrapolated from 15 of them\.$/m);
    for (const audits of ["30", "300", "3,000"]) expect(out).toMatch(new RegExp(`^${audits} .* µs .* µs .* MB$`, "m"));
    for (const when of ["with the gate", "with --no-gate"]) {
      expect(out).toMatch(new RegExp(`^before: ${when} +- +\\d+( +\\d+\\.\\d ms){3} +1\\.00$`, "m"));
      expect(out).toMatch(new RegExp(`^beside: ${when} +\\d+\\.\\d +\\d+( +\\d+\\.\\d ms){3} +\\d+\\.\\d\\d$`, "m"));
    }
    expect(out.match(/ (met|not met)$/gm)).toHaveLength(7);
    expect(out).toMatch(/^shared_buffers +\d+MB$/m);

    const page = await readFile(setting.page, "utf8");
    expect(page).toMatch(/^# Performance\n\nBy hand\.\n\n<!-- measured: written .* -->\n\n### 3,000 audits\n/);
    expect(page).toMatch(/\n<!-- measured: end -->\n\nBy hand, too\.\n$/);
    expect(page).not.toContain("last year");
    expect(page).toMatch(/^\| batch 4, 2 workers \| \d+\.\d \|/m);
    expect(await leftovers()).toEqual([]);
  }, 120_000);

  test("exits 1 where a contestant writes other rows, and drops its databases", async () => {
    const [statement] = TURNS as [Turn];
    const careless: Turn = {
      part: "statement",
      contestants: [{ name: "careless statement", run: (url, size) => writeCarelessly(statement, url, size) }],
    };
    const { code, out, err } = await runBench([...SMALL, "--only", "statement"], {
      ...setting,
      turns: [statement, careless],
    });
    expect(code).toBe(1);
    expect(err).toMatch(/^"hand-written statement" and "careless statement" wrote different rows: .*\n$/);
    expect(out).not.toContain("All wrote the same");
    expect(await leftovers()).toEqual([]);
  });

  async function writeCarelessly({ contestants }: Turn, url: string, size: { audits: number; leads: number }) {
    const measured = await contestants[0]?.run(url, size);
    const client = new pg.Client(url);
    await client.connect();
    await client.query(
      `update "Message" set content = content || '!' where id = (select min(id::text)::uuid from "Message")`,
    );
    await client.end();
    return measured ?? { ms: 0 };
  }

  test("measures only the parts that are asked for", async () => {
    const { code, out } = await runBench(["--audits", "100", "--leads", "5", "--rounds", "2", "--only", "statement"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^hand-written statement +\d+\.\d +1\.00 +[\d,]+ +- +2 times$/m);
    expect(out).not.toMatch(/batch 4|Growth|Bars|live writer/);
  });

  test("refuses to write down some parts only, or into a page without markers, before it measures", async () => {
    const some = await runBench(["--write", "--only", "statement"]);
    expect(some).toEqual({ code: 2, out: "", err: "--write writes down all parts: leave --only out.\n" });
    await writeFile(setting.page, "# Performance\n");
    const unmarked = await runBench(["--write"]);
    await expect(checkPage(SETTING.page)).resolves.toBeDefined();
    expect(unmarked).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/lacks the lines <!-- measured: /) });
  });

  test.each([
    [["--audits", "many"], '--audits takes a whole number from 1 to 100000000, not "many".\n'],
    [["--rounds", "0"], '--rounds takes a whole number from 1 to 99, not "0".\n'],
    [
      ["--only", "ours,theirs"],
      '--only takes a list out of statement, prisma, rows, ours, growth, writer; "theirs" is none of them.\n',
    ],
  ])("exits 2 on %j with what is allowed", async (argv, err) => {
    expect(await runProcess("bench", argv, env)).toEqual({ code: 2, out: "", err });
  });
});
