/** What a source could not make, what is not as it should be, and what must wait: how a run tells of it. */
import { expect, test } from "@jest/globals";
import { MustWait } from "../../../scripts/lib/errors.ts";
import { defineBatch, type Ended, type ItemError, type Page, type PageResult } from "../../../scripts/lib/task.ts";
import { rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";

const db = useDatabase();

const TIMELESS: ItemError = { key: "501/x", code: "TIME", message: "has no time that can be read" };
const PARTIAL: ItemError = { key: "502", code: "PARTIAL", message: "only the last 30 are known" };

interface Talk extends Page {
  readonly problems?: readonly ItemError[];
}

const talk = (rest: Partial<Talk> = {}): Talk => ({ cursor: { after: "501" }, size: 2, ...rest });

/** A batch that has these pages, and whose source then ends so. */
const batchOf = (
  pages: readonly Talk[],
  { retried = [], end }: { retried?: readonly Talk[]; end?: () => never } = {},
) => {
  const result = ({ size, problems = [] }: Talk): PageResult => ({ fetched: size, created: size, problems });
  return defineBatch<Talk, unknown, string>({
    number: 3,
    name: "backfill-customers",
    title: "talks",
    unit: "messages",
    requires: [],
    schema: { plan: () => Promise.resolve({ fetched: 0 }), apply: () => Promise.resolve({ fetched: 0 }) },
    steps: ["Storing", "Recording"],
    skips: [],
    labels: { stored: "Stored" },
    stats: ({ created }) => ({ stored: created }),
    async *pages() {
      yield* pages;
      return end === undefined ? "end" : end();
    },
    async *pagesOf(): AsyncGenerator<Talk, Ended> {
      yield* retried;
      return "end";
    },
    split: async () => [],
    plan: async (_, page) => result(page),
    apply: async (_, page) => result(page),
  });
};

const openErrors = async () =>
  (await rowsOf(db, "migration_errors", "id"))
    .filter(({ resolved_at }) => resolved_at === null)
    .map((row) => row.item_key);

test("An item that the source could not make goes to quarantine with its page; a dry run foretells it", async () => {
  const batch = batchOf([talk({ refused: [TIMELESS] })]);
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  expect(await openErrors()).toEqual([]);
  const run = await runInProcess(batch, db);
  expect(numbersOf(run)).toEqual(numbersOf(dry));
  expect(run).toMatchObject({ exitCode: 1, document: { stats: { stored: 2, errors: 1 }, errors: [TIMELESS] } });
  expect(run.output).toContain("! 501/x: has no time that can be read");
  expect(await openErrors()).toEqual(["501/x"]);
});

test("One that is in quarantine already is not a new failure, and is counted once", async () => {
  const batch = batchOf([talk({ refused: [TIMELESS] })]);
  await runInProcess(batch, db);
  for (const argv of [[], ["--dry-run"]]) {
    const again = await runInProcess(batch, db, argv);
    expect(again.document.stats).toEqual({ stored: 2, errors: 1 });
    expect(again.output).not.toContain("! 501/x");
  }
});

test("A page takes out of quarantine what it settles, and a retry counts that", async () => {
  await runInProcess(batchOf([talk({ refused: [{ ...TIMELESS, key: "501" }] })]), db);
  const batch = batchOf([], { retried: [talk({ settles: ["501"] })] });
  const dry = await runInProcess(batch, db, ["--retry-errors", "--dry-run"]);
  expect(await openErrors()).toEqual(["501"]);
  const run = await runInProcess(batch, db, ["--retry-errors"]);
  expect(numbersOf(run)).toEqual(numbersOf(dry));
  expect(run).toMatchObject({ exitCode: 0, document: { stats: { stored: 2, errors: 0 } } });
  expect(run.output).not.toContain("gone at the source");
  expect(await openErrors()).toEqual([]);
});

test("What is refused again stays in quarantine, with the newer reason", async () => {
  await runInProcess(batchOf([talk({ refused: [TIMELESS] })]), db);
  const batch = batchOf([], { retried: [talk({ refused: [{ ...TIMELESS, message: "still has none" }] })] });
  const { exitCode, document } = await runInProcess(batch, db, ["--retry-errors"]);
  expect({ exitCode, errors: document.errors }).toMatchObject({ exitCode: 1, errors: [{ message: "still has none" }] });
  expect(await openErrors()).toEqual(["501/x"]);
});

test("A problem makes the exit code 1 and is listed, and nothing goes to quarantine", async () => {
  const batch = batchOf([talk({ problems: [PARTIAL] })]);
  for (const argv of [["--dry-run"], []]) {
    const run = await runInProcess(batch, db, argv);
    expect(run).toMatchObject({
      exitCode: 1,
      document: { status: "completed_with_errors", problems: [PARTIAL], errors: [] },
    });
    expect(run.output).toContain("? 502: only the last 30 are known");
    expect(run.output).toContain("ompleted with 1 problem, named above");
  }
  expect(await openErrors()).toEqual([]);
  expect(await rowsOf(db, "migration_checkpoints", "script")).toEqual([]);
});

test("A run that must wait says until when in its record, and one with a problem besides has failed", async () => {
  const until = new Date("2030-01-01T00:00:00Z");
  const end = (): never => {
    throw new MustWait("The service asks to wait.", { until });
  };
  const waiting = await runInProcess(batchOf([talk()], { end }), db);
  expect(waiting).toMatchObject({ exitCode: 75, document: { status: "waiting", stats: { stored: 2 } } });
  expect((await rowsOf(db, "migration_runs", "id")).at(-1)?.progress).toMatchObject({
    until: "2030-01-01T00:00:00.000Z",
  });
  const both = await runInProcess(batchOf([talk({ problems: [PARTIAL] })], { end }), db);
  expect(both).toMatchObject({ exitCode: 1, document: { status: "failed", problems: [PARTIAL] } });
});

test("Whatever its key, what is refused is set aside, and what is refused again is not taken for gone", async () => {
  const long = Array.from({ length: 400 }, (_, n) => (n * 7919).toString(36)).join("-");
  const refused = ["a\0", `${long}${long}${long}`].map((key) => ({ ...TIMELESS, key }));
  const first = await runInProcess(batchOf([talk({ refused })]), db);
  expect(first).toMatchObject({ exitCode: 1, document: { stats: { stored: 2, errors: 2 } } });
  const again = await runInProcess(batchOf([], { retried: [talk({ refused })] }), db, ["--retry-errors"]);
  expect(again).toMatchObject({ exitCode: 1, document: { stats: { errors: 2 } } });
  expect(again.output).not.toContain("gone at the source");
  const settles = refused.map(({ key }) => key);
  const mended = await runInProcess(batchOf([], { retried: [talk({ settles })] }), db, ["--retry-errors"]);
  expect(mended).toMatchObject({ exitCode: 0, document: { stats: { errors: 0 } } });
});
