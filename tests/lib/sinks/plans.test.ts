/** Beside many other rows, a page is looked up by indexes, and little more than its own rows is read. */
import { expect, test } from "@jest/globals";
import { type Queryable, withDatabase } from "../../../scripts/lib/db/database.ts";
import { inTransaction } from "../../../scripts/lib/db/transaction.ts";
import { threadSink } from "../../../scripts/lib/sinks/threads.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { batchOf, message, page, RULES, thread } from "./bed.ts";
import { contextOf } from "./dry-context.ts";

const db = useDatabase();

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** Answers as the database does, and keeps the scans of tables that each statement over the page made. */
const spyOn = (tx: Queryable, scans: Plan[]): Queryable => ({
  query: async (sql, values) => {
    if (sql.includes("json_to_recordset")) {
      const { rows } = await tx.query(`explain (analyze, format json) ${sql}`, values);
      scans.push(...nodesOf(rows[0]?.["QUERY PLAN"][0].Plan).filter((node) => node["Relation Name"] !== undefined));
    }
    return tx.query(sql, values);
  },
});

test("new messages of stored conversations are looked for one by one", async () => {
  await db.query('drop index "Message_content_fts_idx", "Message_content_fts_ru_idx"');
  const dialog = (id: string, from: number, count: number) =>
    thread({
      id,
      person: { key: `phone:${id}`, phone: `10000000${id.padStart(2, "0")}`, nick: id },
      messages: Array.from({ length: count }, (_, n) => message(`${from + n}`, 1 + ((from + n) % 28))),
    });
  await runInProcess(batchOf(Array.from({ length: 20 }, (_, n) => page(dialog(`${n}`, 0, 1_000)))), db);
  await db.query("analyze");
  const scans: Plan[] = [];
  await withDatabase(db.address, { readOnly: true }, async (pool) => {
    const given = page(dialog("3", 995, 10), dialog("4", 1_000, 5));
    const result = await inTransaction(pool, { readOnly: true }, (tx) =>
      threadSink(RULES).plan(spyOn(tx, scans), given, contextOf(pool)),
    );
    expect(result).toMatchObject({ created: 10, unchanged: 5 });
  });
  expect(scans.map((scan) => scan["Relation Name"])).toContain("Message");
  for (const scan of scans) {
    expect([scan["Relation Name"], scan["Node Type"]]).not.toContain("Seq Scan");
    expect((scan["Actual Rows"] + (scan["Rows Removed by Filter"] ?? 0)) * scan["Actual Loops"]).toBeLessThanOrEqual(
      20,
    );
  }
});
