import { expect, test } from "@jest/globals";
import pg from "pg";
import { runAlone, runProcess } from "./run-process.ts";

const ELSEWHERE = "postgresql://nobody:secret@127.0.0.1:1/elsewhere";
const env = { TEST_DATABASE_URL: process.env.TEST_ADMIN_URL ?? "", DATABASE_URL: ELSEWHERE, DIRECT_URL: ELSEWHERE };

test("The benchmark measures a statement by hand, a dry run and two runs, and drops its databases", async () => {
  const { code, out, err } = await runAlone("bench", ["--audits", "2000", "--leads", "100"], env);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^Both wrote the same 1,\d{3} messages and 100 conversations\.$/m);
  for (const what of ["batch 4, dry run", "batch 4", "batch 4 again"])
    expect(out).toMatch(new RegExp(`^${what} +\\d+\\.\\d +\\d+\\.\\d\\d +\\d+ MB$`, "m"));
  expect(out).toMatch(/^hand-written statement +\d+\.\d +1\.00 +-$/m);

  const admin = new pg.Client(env.TEST_DATABASE_URL);
  await admin.connect();
  const { rows } = await admin.query("select datname from pg_database where datname like 'crm_bench%'");
  await admin.end();
  expect(rows).toEqual([]);
});

test("A bad size exits 2 with what is allowed", async () => {
  const { code, out, err } = await runProcess("bench", ["--audits", "many"], env);
  expect({ code, out, err }).toEqual({
    code: 2,
    out: "",
    err: '--audits takes a whole number from 1 to 100000000, not "many".\n',
  });
});
