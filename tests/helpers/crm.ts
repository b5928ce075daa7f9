/** Makers of a CRM's rows: each takes what matters to the test, fills in the rest, and returns the row's id. */
import type pg from "pg";
import { quoteName } from "../../scripts/lib/db/quote.ts";

/** Whatever answers a query: a test's database, a pool, a connection. */
export interface Asked {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    sql: string,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
}

/** Values by column; what is left out takes the column's default. */
export type Columns = Readonly<Record<string, unknown>>;

/** Columns that hold jsonb: a string among their values is a JSON string, too. */
const JSON_COLUMNS = new Set(["payload", "metadata", "state_metadata"]);

/** Inserts one row and returns its id. */
export async function addRow(db: Asked, table: string, columns: Columns): Promise<string> {
  const names = Object.keys(columns);
  const values = names.map((name) => (JSON_COLUMNS.has(name) ? JSON.stringify(columns[name]) : columns[name]));
  const { rows } = await db.query<{ id: string }>(
    `insert into ${quoteName(table)} (${names.map(quoteName).join(", ")})
     values (${names.map((_, index) => `$${index + 1}`).join(", ")})
  returning id`,
    values,
  );
  return rows[0]?.id ?? "";
}

export const addLead = (db: Asked, columns: Columns = {}): Promise<string> =>
  addRow(db, "Lead", { channel: "messenger", name: "Ada", created_at: "2025-01-01T00:00:00Z", ...columns });

export const addCustomer = (db: Asked, columns: Columns = {}): Promise<string> =>
  addRow(db, "Customer", { name: "Ada", ...columns });

export const addConversation = (db: Asked, columns: Columns = {}): Promise<string> =>
  addRow(db, "Conversation", { channel: "messenger", ...columns });

export const addMessage = (db: Asked, conversationId: string, columns: Columns = {}): Promise<string> =>
  addRow(db, "Message", { conversation_id: conversationId, role: "user", content: "Hello", ...columns });

/** The rows of a table in the order of these columns. */
export async function rowsOf<Row extends pg.QueryResultRow = pg.QueryResultRow>(
  db: Asked,
  table: string,
  order = "created_at, id",
): Promise<Row[]> {
  return (await db.query<Row>(`select * from ${quoteName(table)} order by ${order}`)).rows;
}

export async function countRows(db: Asked, table: string): Promise<number> {
  const { rows } = await db.query<{ count: string }>(`select count(*) from ${quoteName(table)}`);
  return Number(rows[0]?.count);
}
