/** A copy from the one database of a test into the other. */
import { expect } from "@jest/globals";
import { quoteName } from "../../../../scripts/lib/db/quote.ts";
import { type TestDatabase, useDatabase } from "../../../helpers/database.ts";
import { type InProcess, runInProcess } from "../../../helpers/script.ts";
import { copyBatch, type Route, withSource } from "./copy-batch.ts";

/** The schema that is copied into; the source's is `public`. */
export const SCHEMA = "moved";

export interface Copying {
  readonly source: TestDatabase;
  readonly target: TestDatabase;
  copy(argv?: readonly string[], route?: Partial<Route>): Promise<InProcess>;
  /** All tables hold the same rows on both sides. */
  expectEqual(): Promise<void>;
}

/** Gives each test two databases. */
export function useCopy(): Copying {
  const source = useDatabase({ empty: true });
  const target = useDatabase();
  return {
    source,
    target,
    copy: (argv = [], route = {}) =>
      withSource(source.address, "public", async (from) =>
        runInProcess(
          await copyBatch({ source: from, address: target.address, schema: SCHEMA, ...route }),
          target,
          argv,
        ),
      ),
    expectEqual: async () => expect(await rowsOf(target, SCHEMA)).toEqual(await rowsOf(source, "public")),
  };
}

/** Each table's rows as text, sorted. */
async function rowsOf(db: TestDatabase, schema: string): Promise<Record<string, string[]>> {
  const { rows: tables } = await db.query<{ name: string }>(
    `select c.relname as name
       from pg_class c
      where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`,
    [schema],
  );
  const texts: Record<string, string[]> = {};
  for (const { name } of tables) {
    const { rows } = await db.query<{ row: string }>(
      `select t::text as row from ${quoteName(schema)}.${quoteName(name)} t order by 1`,
    );
    texts[name] = rows.map(({ row }) => row);
  }
  return texts;
}
