import { randomUUID } from "node:crypto";
import { PrismaPg } from "@prisma/adapter-pg";
import {
  type ColumnType,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
  type SqlResultSet,
} from "@prisma/driver-adapter-utils";
import { type Database, openDatabase } from "../db/database.ts";
import { quoteName } from "../db/quote.ts";

type PgAdapter = Awaited<ReturnType<PrismaPg["connect"]>>;
type Asker = Pick<PgAdapter, "queryRaw">;

/** What the adapter's declarations keep to themselves. */
interface Internals {
  performIO(query: SqlQuery): Promise<{ readonly fields: readonly { dataTypeID: number }[] }>;
  onError(error: unknown): never;
}
const internalsOf = (asker: Asker): Internals => asker as unknown as Internals;

/** The type `"char"`, in which the catalog keeps its one-letter codes. */
const CHAR_OID = 18;
/** `character`, which Prisma's adapter takes for text. */
const BPCHAR_OID = 1042;

/**
 * Prisma's PostgreSQL adapter as the migration engine needs it. Unlike the original
 *   - it sends a migration whole, so that a file that fails leaves nothing, and a body may hold semicolons;
 *   - it makes a shadow database of its own, never the real one;
 *   - it reads the type `"char"`;
 *   - it ends its connections when told to, and with them Prisma's advisory lock.
 */
export class MigrationAdapter implements SqlMigrationAwareDriverAdapterFactory {
  readonly provider = "postgres";
  readonly adapterName = "@prisma/adapter-pg";
  /** What the server last refused, before Prisma put it into words of its own. */
  failure: { readonly error: unknown; readonly script?: string } | undefined;
  readonly #db: Database;
  readonly #shadows = new Set<() => Promise<void>>();

  constructor(db: Database) {
    this.#db = db;
  }

  connect(): Promise<SqlDriverAdapter> {
    return this.#adapt(this.#db);
  }

  async connectToShadowDb(): Promise<SqlDriverAdapter> {
    const name = `prisma_migrate_shadow_db_${randomUUID()}`;
    await this.#db.query(`create database ${quoteName(name)} template template0`);
    const { address } = this.#db;
    const shadow = openDatabase({ ...address, client: { ...address.client, database: name } }, { max: 1 });
    const drop = async () => {
      if (!this.#shadows.delete(drop)) return;
      await shadow.close();
      await this.#db.query(`drop database if exists ${quoteName(name)} with (force)`);
    };
    this.#shadows.add(drop);
    return Object.assign(await this.#adapt(shadow), { dispose: drop });
  }

  /** Drops what the engine left of its shadow databases, and ends every connection. */
  async close(): Promise<void> {
    try {
      for (const drop of [...this.#shadows]) await drop();
    } finally {
      await this.#db.close();
    }
  }

  async #adapt(db: Database): Promise<PgAdapter> {
    const { schema } = db.address;
    const adapter = await new PrismaPg(db.pool, schema === undefined ? {} : { schema }).connect();
    const { startTransaction } = adapter;
    return Object.assign(adapter, {
      queryRaw: this.#charReader(adapter),
      executeScript: (script: string) => this.#sendWhole(adapter, db, script),
      startTransaction: async (level?: Parameters<typeof startTransaction>[0]) => {
        const transaction = await startTransaction.call(adapter, level);
        return Object.assign(transaction, { queryRaw: this.#charReader(transaction) });
      },
    });
  }

  async #sendWhole(adapter: PgAdapter, db: Database, script: string): Promise<void> {
    try {
      await db.query(script);
    } catch (error) {
      this.failure = { error, script };
      // The pool gives up the connection with whatever transaction the file left open, so the engine can note the failure.
      internalsOf(adapter).onError(error);
    }
  }

  /** Its `queryRaw`, which is shown each `"char"` as `character`; the column's type is put right afterwards. */
  #charReader(asker: Asker): (query: SqlQuery) => Promise<SqlResultSet> {
    const { queryRaw } = asker;
    return async (query) => {
      const chars = new Set<number>();
      const performIO = async (asked: SqlQuery) => {
        const result = await internalsOf(asker).performIO(asked);
        for (const [index, field] of result.fields.entries()) {
          if (field.dataTypeID !== CHAR_OID) continue;
          chars.add(index);
          field.dataTypeID = BPCHAR_OID;
        }
        return result;
      };
      try {
        const result = await queryRaw.call(Object.create(asker, { performIO: { value: performIO } }), query);
        const typeOf = (type: ColumnType, index: number) => (chars.has(index) ? ColumnTypeEnum.Character : type);
        return { ...result, columnTypes: result.columnTypes.map(typeOf) };
      } catch (error) {
        this.failure = { error };
        throw error;
      }
    };
  }
}
