/** What the tests of batch 10 share: a database that moves, one that it moves to, PostgREST before the first, the script between them. */
import { afterEach, beforeEach, expect } from "@jest/globals";
import { quoteName } from "../../../scripts/lib/db/quote.ts";
import type { Document } from "../../../scripts/lib/report/document.ts";
import batch from "../../../scripts/migrations/migrate-business-data.ts";
import { type TestDatabase, useDatabase } from "../../helpers/database.ts";
import { PRESERVED_ROWS } from "../../helpers/salon.ts";
import { runCaptured } from "../../helpers/script.ts";
import { type Postgrest, SERVICE_KEY, startPostgrest, type Variant } from "../../helpers/stand-ins/postgrest.ts";

export const NAME = "migrate-business-data";
/** The schema that it moves to; the source's is `public`. */
export const SCHEMA = "salon";
export const PRESERVE = ["--preserve", Object.keys(PRESERVED_ROWS).join(",")];
/** A test that runs the script several times. */
export const LONG_MS = 60_000;

const VARIABLES = ["SOURCE_DATABASE_URL", "SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"] as const;

/** What a run said: its document, and what people read. */
export interface Told {
  readonly exitCode: number;
  readonly document: Document;
  readonly text: string;
}

export interface Bed {
  readonly source: TestDatabase;
  readonly target: TestDatabase;
  /** From now on the source is this stand-in before it. The test's end closes it. */
  behindPostgrest(variant?: Variant): Promise<Postgrest>;
  /** Runs the script, into the schema unless told otherwise, with --json: nothing but the document may stand on standard output. */
  run(...argv: readonly string[]): Promise<Told>;
  /** All tables of the source hold the same rows in the target. */
  expectEqual(): Promise<void>;
  /** Every row of a schema of the target as text, by table. */
  rowsIn(schema?: string): Promise<Rows>;
}

type Rows = Readonly<Record<string, readonly string[]>>;

/** Gives each test two databases; runs find the source by the environment. */
export function useMove(): Bed {
  const services: Postgrest[] = [];
  afterEach(async () => {
    for (const name of VARIABLES) delete process.env[name];
    for (const service of services.splice(0)) await service.close();
  });
  const source = useDatabase({ empty: true });
  const target = useDatabase();
  beforeEach(() => {
    process.env.SOURCE_DATABASE_URL = source.url;
  });
  return {
    source,
    target,
    behindPostgrest: async (variant) => {
      const service = await startPostgrest(source.url, variant);
      services.push(service);
      const { url } = service;
      Object.assign(process.env, {
        SOURCE_DATABASE_URL: "",
        SUPABASE_URL: url,
        SUPABASE_SERVICE_ROLE_KEY: SERVICE_KEY,
      });
      return service;
    },
    run: (...argv) => tell(target.url, ["--target-schema", SCHEMA, ...argv]),
    expectEqual: async () => {
      const there = await rowsIn(source, "public");
      const moved = Object.entries(await rowsIn(target, SCHEMA)).filter(([name]) => name in there);
      expect(Object.fromEntries(moved)).toEqual(there);
    },
    rowsIn: (schema = SCHEMA) => rowsIn(target, schema),
  };
}

async function tell(url: string, argv: readonly string[]): Promise<Told> {
  const { exitCode, json, stderr } = await runCaptured(batch, [...argv, "--json"], { url });
  return { exitCode, document: json, text: stderr };
}

async function rowsIn(db: TestDatabase, schema: string): Promise<Rows> {
  const { rows: tables } = await db.query<{ name: string }>(
    `select relname as name
       from pg_class
      where relnamespace = $1::regnamespace and relkind in ('r', 'p') and not relispartition
      order by 1`,
    [schema],
  );
  const texts: Record<string, string[]> = {};
  for (const { name } of tables) {
    const from = `${quoteName(schema)}.${quoteName(name)}`;
    const { rows } = await db.query<{ row: string }>(`select t::text as row from ${from} t order by 1`);
    texts[name] = rows.map(({ row }) => row);
  }
  return texts;
}

/** How many rows there are in all tables together. */
export const sum = (rows: Readonly<Record<string, number>>): number =>
  Object.values(rows).reduce((all, count) => all + count, 0);

/** What is left of the guards of preserved tables. */
export async function guardsIn(db: TestDatabase): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select tgname as name from pg_trigger where tgname like 'crm_move%'
      union all
     select proname from pg_proc where proname like 'crm_move%'`,
  );
  return rows.map(({ name }) => name);
}
