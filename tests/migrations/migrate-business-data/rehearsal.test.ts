/** A rehearsal of everything, by a role that could not write if it would. */
import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/migrate-business-data.ts";
import { makePreserved, makeSalon } from "../../helpers/salon.ts";
import { runCaptured } from "../../helpers/script.ts";
import { LONG_MS, PRESERVE, SCHEMA, useMove } from "./bed.ts";

const { source, target, run, rowsIn } = useMove();

test(
  "A rehearsal by a role that may only read foretells the numbers, and leaves nothing anywhere",
  async () => {
    await makeSalon(source);
    await makePreserved(target, SCHEMA);
    const reader = `reader_${target.address.client.database}`;
    await target.query(`create role ${reader} login in role pg_read_all_data`);
    try {
      const readerUrl = new URL(target.url);
      readerUrl.username = reader;
      const before = [await target.snapshot(), await rowsIn(), await catalogOf()];
      const argv = ["--dry-run", "--json", "--target-schema", SCHEMA, ...PRESERVE];
      const rehearsed = await runCaptured(batch, argv, { url: readerUrl.href });
      expect([await target.snapshot(), await rowsIn(), await catalogOf()]).toEqual(before);
      expect((await target.query("select from migration_runs")).rowCount).toBe(0);
      const done = await run(...PRESERVE);
      expect({ exitCode: rehearsed.exitCode, stats: rehearsed.json.stats }).toEqual({
        exitCode: done.exitCode,
        stats: { ...done.document.stats, tablesVerified: 0 },
      });
      const of = ({ table, rowsRead, rowsInserted }: Readonly<Record<string, unknown>>) => [
        table,
        rowsRead,
        rowsInserted,
      ];
      expect(rehearsed.json.tables?.map(of)).toEqual(done.document.tables?.map(of));
    } finally {
      await target.query(`drop owned by ${reader}; drop role ${reader}`);
    }
  },
  LONG_MS,
);

/** Every relation, constraint, trigger and function that anybody could have made. */
async function catalogOf(): Promise<unknown[]> {
  const { rows } = await target.query(
    `select 'relation' as kind, oid::regclass::text as name from pg_class where relnamespace::regnamespace::text !~ '^pg_'
      union all
     select 'constraint', conrelid::regclass || '.' || conname from pg_constraint where conrelid <> 0
      union all
     select 'trigger', tgrelid::regclass || '.' || tgname from pg_trigger
      union all
     select 'function', oid::regprocedure::text from pg_proc where pronamespace::regnamespace::text !~ '^pg_'
      order by 1, 2`,
  );
  return rows;
}
