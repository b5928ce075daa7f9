import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from } from "pg-copy-streams";
import type { Queryable } from "./database.ts";

/** A connection that also takes what is more than a query: a stream of rows. */
export interface Streamable extends Queryable {
  submit<Job extends pg.Submittable>(job: Job): Job;
}

/** Streams rows in COPY's own form into a `copy … from stdin`, on the connection of a transaction. Returns how many there were. */
export async function copyIn(tx: Queryable, sql: string, rows: Readable): Promise<number> {
  if (!isStreamable(tx)) throw new Error("Rows are streamed into a transaction only.");
  const stream = tx.submit(from(sql));
  await pipeline(rows, stream);
  return stream.rowCount;
}

const isStreamable = (tx: Queryable): tx is Streamable => "submit" in tx;
