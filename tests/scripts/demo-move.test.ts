import { expect, test } from "@jest/globals";
import { PRESERVED_ROWS, SALON_ROWS } from "../../scripts/lib/demo/salon.ts";
import { dropDemo, withDemo } from "./demo-database.ts";
import { runAlone, runProcess } from "./run-process.ts";

const ELSEWHERE = "postgresql://nobody:secret@127.0.0.1:1/elsewhere";
const DATABASE = "crm_move_demo";

/** The server of the tests; what the other variables name must not matter. */
const env = {
  TEST_DATABASE_URL: process.env.TEST_ADMIN_URL ?? "",
  DATABASE_URL: ELSEWHERE,
  DIRECT_URL: ELSEWHERE,
  SOURCE_DATABASE_URL: ELSEWHERE,
  SUPABASE_URL: "http://127.0.0.1:1/elsewhere",
  SUPABASE_SERVICE_ROLE_KEY: "elsewhere",
};

test("The demo of the move brings a whole salon, proves it, finds planted damage and mends it", async () => {
  const { code, out, err } = await runAlone("demo-move", [], env);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out.match(/^=== \d+\. .*$/gm)).toHaveLength(8);
  expect(out).toContain("10 of 10 tables verified, 0 rows differ, 0 other problems");
  expect(out).toMatch(/differs: \d+ in created_at/);
  expect(out).not.toContain("elsewhere");
  // One row came after the copy, and one went.
  expect(await rowsByTable()).toEqual({
    ...SALON_ROWS,
    ...PRESERVED_ROWS,
    messages: SALON_ROWS.messages + 1,
    actions: SALON_ROWS.actions - 1,
  });
});

async function rowsByTable(): Promise<Record<string, number>> {
  const names = Object.keys({ ...SALON_ROWS, ...PRESERVED_ROWS });
  try {
    return await withDemo(env.TEST_DATABASE_URL, DATABASE, async (client) => {
      const counts = names.map((name) => `select '${name}' as name, count(*)::int from salon.${name}`);
      const { rows } = await client.query<{ name: string; count: number }>(counts.join(" union all "));
      return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
    });
  } finally {
    await dropDemo(env.TEST_DATABASE_URL, DATABASE);
    await dropDemo(env.TEST_DATABASE_URL, `${DATABASE}_source`);
  }
}

test("An unknown option exits 2 before anything is dropped", async () => {
  const { code, out, err } = await runProcess("demo-move", ["--database", "crm"], env);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err.trim().split("\n")).toHaveLength(1);
});
