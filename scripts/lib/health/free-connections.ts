import type { Queryable } from "../db/database.ts";
import { readSql } from "../sql-file.ts";

/** Yields one JSON number. */
export const FREE_CONNECTIONS = readSql(new URL("./free-connections.sql", import.meta.url));

/** How many more connections an ordinary role could open; too low, never too high, where this role doesn't see all sessions. */
export async function countFreeConnections(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ free: number }>(`select (${FREE_CONNECTIONS}) as free`);
  return rows[0]?.free ?? 0;
}
