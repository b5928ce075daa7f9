import { expect, test } from "@jest/globals";
import type { Queryable } from "../../../scripts/lib/db/database.ts";
import { defineBatch, type Page, type PageContext, type PageResult } from "../../../scripts/lib/task.ts";
import { rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";

const db = useDatabase();

interface Numbers extends Page {
  readonly from: number;
  readonly to: number;
}

const page = (from: number, to: number): Numbers => ({
  from,
  to,
  size: to - from + 1,
  cursor: { last: to },
  ...(from === to ? { key: `n${from}` } : {}),
});

type Store = (tx: Queryable, page: Numbers, context: PageContext) => Promise<void>;

/** A batch that stores the numbers from 1 to 16 in the table `kept`, page by page; `before` may refuse some of them. */
const batchOf = (before: Store, pages: readonly Numbers[] = [page(1, 16)]) =>
  defineBatch({
    number: 3,
    name: "backfill-customers",
    title: "numbers",
    unit: "numbers",
    requires: [],
    schema: { plan: () => Promise.resolve({ fetched: 0 }), apply: () => Promise.resolve({ fetched: 0 }) },
    steps: ["Storing", "Recording"],
    skips: [],
    labels: { kept: "Kept" },
    stats: ({ created }) => ({ kept: created }),
    async *pages(_, { after }) {
      for (const next of pages) if (next.to > Number(after?.last ?? 0)) yield next;
      return "end";
    },
    async *pagesOf(_, keys) {
      for (const key of keys) yield page(Number(key.slice(1)), Number(key.slice(1)));
      return "end";
    },
    split: async (_, { from, to }) => {
      const middle = Math.floor((from + to) / 2);
      return [page(from, middle), page(middle + 1, to)];
    },
    plan: async (_, { size }) => ({ fetched: size, created: size }),
    apply: async (tx, numbers, context): Promise<PageResult> => {
      const { from, to, size } = numbers;
      const left = context.except.length;
      if (left > 0) return { fetched: left, quarantined: left };
      await tx.query("insert into kept select generate_series($1::int, $2::int)", [from, to]);
      await before(tx, numbers, context);
      return { fetched: size, created: size };
    },
  });

/** Fails as PostgreSQL would, with that SQLSTATE, where a page holds the number. */
const failAt =
  (number: number, code: string): Store =>
  async (tx, { from, to }) => {
    if (from <= number && number <= to) await tx.query(`do $$ begin raise 'bad' using errcode = '${code}'; end $$`);
  };

const kept = async () => (await rowsOf(db, "kept", "n")).map(({ n }) => n);
const numbersBut = (...left: number[]) => Array.from({ length: 16 }, (_, i) => i + 1).filter((n) => !left.includes(n));
const makeTable = () => db.query("create table kept (n int primary key)");

test("a page is halved until the bad items are alone, and each number is stored once", async () => {
  await makeTable();
  const [bad, worse] = [failAt(5, "23514"), failAt(16, "22001")];
  const batch = batchOf(async (...args) => {
    await bad(...args);
    await worse(...args);
  });
  const { document, exitCode } = await runInProcess(batch, db);
  expect(await kept()).toEqual(numbersBut(5, 16));
  expect(document.errors).toEqual([
    { key: "n16", code: "22001", message: "bad (SQLSTATE 22001)" },
    { key: "n5", code: "23514", message: "bad (SQLSTATE 23514)" },
  ]);
  expect(document.stats).toEqual({ kept: 14, errors: 2 });
  expect(exitCode).toBe(1);
});

test("a bad item is set aside together with what follows it: a run that dies behind it has lost neither", async () => {
  await makeTable();
  const [bad, broken] = [failAt(5, "23514"), failAt(8, "53100")];
  const stopped = await runInProcess(
    batchOf(async (...args) => {
      await bad(...args);
      await broken(...args);
    }),
    db,
  );
  expect(stopped.document).toMatchObject({ status: "failed", stats: { kept: 5, errors: 1 } });
  expect((await rowsOf(db, "migration_checkpoints", "script"))[0]?.cursor.after).toEqual({ last: 6 });
  const { document } = await runInProcess(batchOf(bad, [page(1, 6), page(7, 16)]), db);
  expect(document).toMatchObject({ resumedFrom: stopped.document.runId, stats: { kept: 10, errors: 1 } });
  expect(await kept()).toEqual(numbersBut(5));
});

test.each(["40001", "40P01"])("SQLSTATE %s is tried again, and nothing is set aside", async (code) => {
  await makeTable();
  let attempts = 0;
  const { document, exitCode } = await runInProcess(
    batchOf(async (...args) => {
      attempts += 1;
      if (attempts < 3) await failAt(1, code)(...args);
    }),
    db,
  );
  expect(attempts).toBe(3);
  expect(document.stats).toEqual({ kept: 16, errors: 0 });
  expect(exitCode).toBe(0);
});

test("what fails in the same way three times stops the run", async () => {
  await makeTable();
  const { document } = await runInProcess(batchOf(failAt(1, "40001")), db);
  expect(document).toMatchObject({ status: "failed", stats: { kept: 0, errors: 0 } });
  expect(await kept()).toEqual([]);
});

test("an error of ours in the middle of a page stops the run and stores nothing of the page", async () => {
  await makeTable();
  const run = await runInProcess(
    batchOf(() => Promise.reject(new TypeError("oops")), [page(1, 16)]),
    db,
  );
  expect(run).toMatchObject({ exitCode: 1, document: { status: "failed", message: "oops" } });
  expect(await kept()).toEqual([]);
});

test("a signal between two pages ends the run there; the next one goes on", async () => {
  await makeTable();
  const stop = new AbortController();
  const pages = [page(1, 8), page(9, 16)];
  const first = await runInProcess(
    batchOf(async () => stop.abort(new Error("enough")), pages),
    db,
    [],
    stop.signal,
  );
  expect(first.document.message).toBe("enough");
  expect(await kept()).toEqual(numbersBut(9, 10, 11, 12, 13, 14, 15, 16));
  expect(
    (
      await runInProcess(
        batchOf(async () => undefined, pages),
        db,
      )
    ).document.stats,
  ).toEqual({ kept: 8, errors: 0 });
});

test("the schema of a batch that fails in the dry run fails it, too", async () => {
  const batch = { ...batchOf(async () => undefined), schema: failingSchema() };
  expect(await runInProcess(batch, db, ["--dry-run"])).toMatchObject({ exitCode: 1, document: { status: "failed" } });
});

const failingSchema = () => {
  const fail = () => Promise.reject(new Error("no such thing"));
  return { plan: fail, apply: fail };
};

test("the cost of many bad items in a row grows with their number, not with its square", async () => {
  await db.query("create table kept (n int)");
  let setAside = 0;
  const batch = batchOf(
    async (tx, { from }) => {
      if (from <= 60) await tx.query("select 1 / 0");
    },
    [page(1, 64)],
  );
  const counted = {
    ...batch,
    apply: (tx: Queryable, numbers: Numbers, context: PageContext) => {
      setAside += context.except.length;
      return batch.apply(tx, numbers, context);
    },
  };
  const { document } = await runInProcess(counted, db);
  expect(document.stats).toEqual({ kept: 4, errors: 60 });
  expect(setAside).toBe(60);
});
