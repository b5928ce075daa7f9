import { expect, test } from "@jest/globals";
import { UserError } from "../../scripts/lib/errors.ts";
import { defineBatch } from "../../scripts/lib/task.ts";
import { rowsOf } from "../helpers/crm.ts";
import { useDatabase } from "../helpers/database.ts";
import { runCaptured } from "../helpers/script.ts";

const db = useDatabase();

const counting = (items: number) => ({
  title: "counts",
  unit: "items",
  requires: [],
  schema: { plan: () => Promise.resolve({ fetched: 0 }), apply: () => Promise.resolve({ fetched: 0 }) },
  steps: ["Counting", "Recording"],
  skips: [],
  labels: { counted: "Counted" },
  stats: ({ created }: { created: number }) => ({ counted: created }),
  async *pages() {
    yield { cursor: {}, size: items };
    return "end" as const;
  },
  async *pagesOf() {
    yield { cursor: {}, size: 0 };
    return "end" as const;
  },
  split: async () => [],
  plan: async () => ({ fetched: items, created: items }),
  apply: async () => {
    if (items < 0) throw new Error("less than nothing");
    return { fetched: items, created: items };
  },
});

const second = defineBatch({ number: 4, name: "backfill-conversations-messages", ...counting(2) });
const firstOf = (items: number) =>
  defineBatch({
    number: 3,
    name: "backfill-customers",
    ...counting(items),
    follow: () => ({ batch: second, argv: [], stats: ({ counted = 0 }) => ({ alsoCounted: counted }) }),
  });

const scripts = async () => (await rowsOf(db, "migration_runs", "id")).map(({ script, status }) => [script, status]);

test("What follows a batch is a run of its own, and its document stands in the first one's", async () => {
  const { exitCode, json } = await runCaptured(firstOf(5), ["--json"], db);
  expect(exitCode).toBe(0);
  expect(json).toMatchObject({
    script: "backfill-customers",
    stats: { counted: 5, alsoCounted: 2 },
    followedBy: { script: "backfill-conversations-messages", stats: { counted: 2 } },
  });
  expect(await scripts()).toEqual([
    ["backfill-customers", "completed"],
    ["backfill-conversations-messages", "completed"],
  ]);
});

test("A rehearsal of both writes nothing", async () => {
  const { json } = await runCaptured(firstOf(5), ["--json", "--dry-run"], db);
  expect(json).toMatchObject({ mode: "dry-run", followedBy: { mode: "dry-run" } });
  expect(await scripts()).toEqual([]);
});

test("Nothing follows a batch that has failed", async () => {
  const { exitCode, json } = await runCaptured(firstOf(-1), ["--json"], db);
  expect({ exitCode, followed: "followedBy" in json }).toEqual({ exitCode: 1, followed: false });
  expect(await scripts()).toEqual([["backfill-customers", "failed"]]);
});

test("Where what follows can't begin, the first one's document is still printed, and the exit code says that something was done", async () => {
  const needy = defineBatch({
    number: 4,
    name: "backfill-conversations-messages",
    ...counting(2),
    check: () => Promise.reject(new UserError("Not today.")),
  });
  const first = defineBatch({
    number: 3,
    name: "backfill-customers",
    ...counting(5),
    follow: () => ({ batch: needy, argv: [], stats: () => ({}) }),
  });
  const { exitCode, json, stderr } = await runCaptured(first, ["--json"], db);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("Not today.");
  expect(json).toMatchObject({
    script: "backfill-customers",
    status: "completed",
    stats: { counted: 5 },
    followedBy: { script: "backfill-conversations-messages", status: "failed", runId: null, message: "Not today." },
  });
});
