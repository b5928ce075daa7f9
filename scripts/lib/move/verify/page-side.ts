/**
 * A source that SQL can't reach: its pages are put, as they come, into a temporary table of the target, where the same hashes are
 * made of them. That table has the target's types, so that both sides' texts are PostgreSQL's own.
 */
import type { Queryable } from "../../db/database.ts";
import { quoteName } from "../../db/quote.ts";
import type { KeyRange, Since, Table } from "../catalog-types.ts";
import { listNames } from "../range-sql.ts";
import type { Source } from "../source.ts";
import type { Shape } from "./canonical.ts";
import { BUCKETS, type Rows, rowsSelect, type Sum, sumUp } from "./hashes.ts";
import { readOrdered, type Side } from "./side.ts";

const PAGE_ROWS = 5_000;

const PAGE = 'pg_temp."verified page"';
const HASHES = 'pg_temp."verified hashes"';

export interface PagedTable {
  readonly source: Source;
  readonly table: Table;
  /** Of the target. */
  readonly schema: string;
  readonly convert: boolean;
  readonly since?: Since | undefined;
}

/** A table as the source's pages show it. `tx` is a transaction on the target that may make temporary tables, and ends them. */
export function pageSide(tx: Queryable, paged: PagedTable, shape: Shape): Side {
  const rows: Rows = { relation: PAGE, side: "target", where: "true", convert: paged.convert };
  return {
    sums: async () => {
      const sums = new Map<number, Sum>();
      for await (const _ of loadPages(tx, paged, shape)) addUp(sums, await sumUp(tx, rows, shape));
      return sums;
    },
    async *rows(buckets) {
      await tx.query(`drop table if exists ${HASHES}`);
      await tx.query(`create temporary table ${nameOf(HASHES)} (hash bigint, key text, columns text) on commit drop`);
      for await (const _ of loadPages(tx, paged, shape))
        await tx.query(`insert into ${HASHES} ${rowsSelect(rows, shape)}`, [buckets]);
      yield* readOrdered(tx, `select hash, key, columns from ${HASHES} where $1::int is not null`, [BUCKETS]);
    },
  };
}

/** Puts one page after the other into the temporary table. */
async function* loadPages(tx: Queryable, paged: PagedTable, shape: Shape): AsyncGenerator<void, void> {
  const { source, schema, since } = paged;
  const names = shape.columns.map(({ name }) => name);
  const table = { ...paged.table, columns: paged.table.columns.filter(({ name }) => names.includes(name)) };
  await tx.query(`drop table if exists ${PAGE}`);
  await tx.query(
    `create temporary table ${nameOf(PAGE)} on commit drop as
     select ${listNames(names)} from ${quoteName(schema)}.${quoteName(table.name)} with no data`,
  );
  for (let after: KeyRange["after"] = null; ; ) {
    const rest: KeyRange = { table: table.name, after, until: null, since };
    const cut = await source.cut(table, rest, PAGE_ROWS);
    if (cut === undefined) return;
    await tx.query(`truncate ${PAGE}`);
    await source.load(tx, table, { ...rest, until: cut.until }, PAGE);
    yield;
    after = cut.until;
  }
}

/** `create temporary table` takes no schema. */
const nameOf = (relation: string): string => relation.replace("pg_temp.", "");

function addUp(sums: Map<number, Sum>, page: ReadonlyMap<number, Sum>): void {
  for (const [bucket, { rows, hash }] of page) {
    const before = sums.get(bucket);
    sums.set(bucket, { rows: rows + (before?.rows ?? 0), hash: hash + (before?.hash ?? 0n) });
  }
}
