/** What a race of moves is held on: the database that is moved, and targets that are made anew for each. */
import { fileURLToPath } from "node:url";
import { parseAddress } from "../../db/address.ts";
import { withDatabase } from "../../db/database.ts";
import type { OwnServer } from "../../own-database.ts";
import { applyFolders } from "../../schema/engine.ts";
import { listFolders } from "../../schema/folders.ts";
import { readSql } from "../../sql-file.ts";
import { runSqlScript } from "../../sql-script.ts";
import { settle } from "../reference.ts";

const DATA = fileURLToPath(new URL("reference-data.sql", import.meta.url));
const FINGERPRINT = new URL("fingerprint.sql", import.meta.url);

const SOURCE = "crm_bench_move_source";
const TEMPLATE = "crm_bench_move_template";
const TARGET = "crm_bench_move_target";

/** The schema that moves. */
export const SCHEMA = "salon";

export interface Ground {
  readonly source: string;
  readonly rows: number;
  /** Runs `work` on a target with the suite's own tables and nothing else; gone afterwards. */
  onTarget<T>(work: (target: string) => Promise<T>): Promise<T>;
}

/** Makes a database of so many rows for the time of `work`. */
export async function withGround<T>(server: OwnServer, rows: number, work: (ground: Ground) => Promise<T>): Promise<T> {
  try {
    const source = await server.create(SOURCE);
    await runSqlScript(parseAddress(source), DATA, { settings: { "bench.rows": String(rows) } });
    await settle(source);
    const template = await server.create(TEMPLATE);
    await applyFolders(parseAddress(template), await listFolders());
    await settle(template);
    const onTarget: Ground["onTarget"] = async (task) => {
      const target = await server.create(TARGET, TEMPLATE);
      await settle(target);
      return task(target);
    };
    return await work({ source, rows, onTarget });
  } finally {
    for (const name of [TARGET, TEMPLATE, SOURCE]) await server.drop(name);
  }
}

/** What lies in the moved schema: rows, their hash, and what the tables are made of. */
export const fingerprintOf = (url: string): Promise<unknown> =>
  withDatabase(parseAddress(url), { max: 1, readOnly: true }, async (db) => {
    const { rows } = await db.query(readSql(FINGERPRINT));
    return rows[0];
  });
