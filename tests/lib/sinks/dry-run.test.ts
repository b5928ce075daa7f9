/** A dry run of the sink: it reads only, and remembers what it has counted. */
import { expect, test } from "@jest/globals";
import { parseAddress } from "../../../scripts/lib/db/address.ts";
import { type Queryable, withDatabase } from "../../../scripts/lib/db/database.ts";
import { inTransaction } from "../../../scripts/lib/db/transaction.ts";
import { threadSink } from "../../../scripts/lib/sinks/threads.ts";
import type { ThreadPage } from "../../../scripts/lib/thread.ts";
import { countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { batchOf, message, page, RULES, thread } from "./bed.ts";
import { contextOf } from "./dry-context.ts";

const db = useDatabase();

const dialog = (id: string, count = 2) =>
  page(
    thread({
      id,
      person: { key: "a", nick: "ada" },
      messages: Array.from({ length: count }, (_, n) => message(`${n}`, n + 1)),
    }),
  );

test("a page that is counted again, as a probe does, counts the same; another page with the same rows adds nothing", async () => {
  await withDatabase(db.address, { readOnly: true }, async (pool) => {
    const sink = threadSink(RULES);
    const plan = (given: ThreadPage) =>
      inTransaction(pool, { readOnly: true }, (tx) => sink.plan(tx, given, contextOf(pool)));
    const first = dialog("1");
    const counted = await plan(first);
    expect(counted).toMatchObject({ created: 2, counters: { customersCreated: 1, conversationsCreated: 1 } });
    expect(await plan(first)).toEqual(counted);
    expect(await plan(dialog("1", 3))).toMatchObject({
      created: 1,
      unchanged: 2,
      counters: { customersCreated: 0, conversationsCreated: 0, conversationsUpdated: 0 },
    });
  });
});

test("a role that may only read is enough", async () => {
  await db.query("create role reader_of_threads login");
  try {
    await db.query("grant select on all tables in schema public to reader_of_threads");
    const url = new URL(db.url);
    url.username = "reader_of_threads";
    const { exitCode, document } = await runInProcess(batchOf([dialog("1")]), { address: parseAddress(url.href) }, [
      "--dry-run",
    ]);
    expect([exitCode, document.stats]).toMatchObject([0, { messagesInserted: 2, customersCreated: 1 }]);
    expect(await countRows(db, "Message")).toBe(0);
  } finally {
    await db.query("drop owned by reader_of_threads");
    await db.query("drop role reader_of_threads");
  }
});

/** Answers as the database does, and keeps what it was asked. */
const listening = (tx: Queryable, asked: string[]): Queryable => ({
  query: (sql, values) => {
    asked.push(sql);
    return tx.query(sql, values);
  },
});

test("a page of a hundred threads takes as many statements as a page of one, stored or counted", async () => {
  await db.query(
    `insert into migration_runs (batch, script, mode, status, host, pid) values (6, 'x', 'write', 'running', 'h', 1)`,
  );
  await withDatabase(db.address, {}, async (pool) => {
    const sink = threadSink(RULES);
    const statements = async (kind: "plan" | "apply", given: ThreadPage) => {
      const asked: string[] = [];
      await inTransaction(pool, {}, (tx) =>
        sink[kind](listening(tx, asked), given, contextOf(pool, kind === "plan" ? null : 1)),
      );
      return asked.length;
    };
    const many = page(
      ...Array.from({ length: 100 }, (_, n) =>
        thread({ id: `${n}`, person: { key: `${n}` }, messages: [message("a")] }),
      ),
    );
    for (const kind of ["plan", "apply"] as const)
      expect(await statements(kind, many)).toBe(await statements(kind, dialog("one")));
  });
});
