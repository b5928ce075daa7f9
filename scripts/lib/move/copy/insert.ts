/** A page as a table of its own: rows before they are inserted, of the target's types and without its constraints. */
import type { Queryable } from "../../db/database.ts";
import { listNames } from "../range-sql.ts";
import type { Moved } from "./tables.ts";

/** Makes the page of this name, `pg_temp` before it; it goes with its transaction. */
export async function makePage(tx: Queryable, { table, target }: Moved, page: string): Promise<void> {
  const columns = listNames(table.columns.map(({ name }) => name));
  await tx.query(`drop table if exists ${page}`);
  await tx.query(
    `create temp table ${page.replace("pg_temp.", "")} on commit drop as select ${columns} from ${target} with no data`,
  );
}

/** Inserts the page's rows that are not there yet; returns how many. */
export async function insertPage(tx: Queryable, moved: Moved, page: string): Promise<number> {
  const { table, key, target, overriding, keyArbitrates } = moved;
  const columns = listNames(table.columns.map(({ name }) => name));
  const into = `insert into ${target} ${columns && `(${columns})`}${overriding ? " overriding system value" : ""}`;
  const names = listNames(key);
  const newOnes = `select ${columns} from ${page} where (${names}) not in (select ${names} from ${target})`;
  const { rowCount } = await tx.query(
    key.length === 0
      ? `${into} ${missingFrom(page, target, columns)}`
      : keyArbitrates
        ? `${into} select ${columns} from ${page} on conflict (${names}) do nothing`
        : `${into} ${newOnes}`,
  );
  return rowCount ?? 0;
}

/**
 * Rows without a key are told apart by all that they hold; where there are several equal ones, as many as are missing. They are
 * looked up by their place, as any name beside their columns' could be one of theirs.
 */
const missingFrom = (page: string, target: string, columns: string): string => `
  select ${columns}
    from ${page}
   where ctid in (
         select place
           from (select r.ctid as place, (r.*)::text as whole, row_number() over (partition by (r.*)::text) as number
                   from ${page} r) r
           left join (select (t.*)::text as whole, count(*) as there
                        from (select ${columns} from ${target}) t
                    group by 1) t using (whole)
          where number > coalesce(there, 0))`;
