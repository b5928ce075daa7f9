/**
 * A stand-in for PostgREST behind Supabase's gateway, in front of a real PostgreSQL: what it sends is what PostgreSQL makes of
 * `json_agg`, unread, so its encodings are the true ones.
 */
import pg from "pg";
import { quoteName } from "../../../scripts/lib/db/quote.ts";
import { failure, refusalOf } from "./postgrest-gateway.ts";
import { BadQuery } from "./postgrest-query.ts";
import { describe } from "./postgrest-root.ts";
import { rowsOf } from "./postgrest-rows.ts";
import { type Answer, type Asked, type StandIn, startStandIn } from "./stand-in.ts";

export { ANON_KEY, jwtOf, PUBLISHABLE_KEY, SECRET_KEY, SERVICE_KEY } from "./postgrest-gateway.ts";

export interface Variant {
  /** `db-max-rows`; Supabase has 1000. */
  readonly maxRows?: number;
  /** Where it answers below the address; "/rest/v1" unless given, "" for one without a gateway. */
  readonly path?: string;
  readonly schema?: string;
  /** `db-plan-enabled`. */
  readonly showsPlans?: boolean;
  /** `openapi-mode` is not `disabled`. */
  readonly describes?: boolean;
  /** The database's role for the one that the key names; the one that owns the tables unless given. */
  readonly role?: string;
  /** Of its sessions; UTC unless given. */
  readonly timeZone?: string;
  /** `statement_timeout` of that role. */
  readonly statementTimeoutMs?: number;
}

export interface Postgrest extends StandIn {
  variant: Variant;
}

/** Starts it in front of a database. The caller closes it. */
export async function startPostgrest(databaseUrl: string, variant: Variant = {}): Promise<Postgrest> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 8 });
  pool.on("error", () => undefined);
  const standIn = await startStandIn((asked) => answerTo(pool, service, asked));
  const service: Postgrest = {
    ...standIn,
    variant,
    close: async () => {
      await standIn.close();
      await pool.end();
    },
  };
  return service;
}

async function answerTo(pool: pg.Pool, { variant, asked: all }: Postgrest, asked: Asked): Promise<Answer> {
  const { path = "/rest/v1", schema = "public", describes = true, showsPlans = false, maxRows } = variant;
  const refused = refusalOf(asked);
  if (refused !== undefined) return refused;
  if (!asked.path.startsWith(`${path}/`))
    return { status: 404, body: { message: "no Route matched with those values" } };
  if (asked.method !== "GET" && asked.method !== "HEAD")
    return failure(405, "PGRST117", `Unsupported HTTP method: ${asked.method}`);
  if ((asked.headers["accept-profile"] ?? schema) !== schema)
    return failure(406, "PGRST106", `The schema must be one of the following: ${schema}`);
  const table = asked.path.slice(path.length + 1);
  if (table === "" && !describes) return failure(404, "PGRST126", "Root endpoint metadata is disabled");
  try {
    return await inRole(pool, variant, async (client) =>
      table === ""
        ? { body: await describe(client, schema) }
        : rowsOf(client, { schema, table, maxRows, showsPlans, salt: all.length }, asked),
    );
  } catch (error) {
    return failureOf(error);
  }
}

async function inRole(
  pool: pg.Pool,
  variant: Variant,
  work: (client: pg.PoolClient) => Promise<Answer>,
): Promise<Answer> {
  const { role, schema = "public", timeZone = "UTC", statementTimeoutMs = 0 } = variant;
  const client = await pool.connect();
  try {
    const settings = [
      `search_path = ${quoteName(schema)}`,
      `statement_timeout = ${statementTimeoutMs}`,
      `timezone = '${timeZone}'`,
    ];
    if (role !== undefined) settings.push(`role = ${quoteName(role)}`);
    await client.query(`begin read only; ${settings.map((setting) => `set local ${setting}`).join("; ")}`);
    return await work(client);
  } finally {
    await client.query("rollback").catch(() => undefined);
    client.release();
  }
}

const STATUS: readonly (readonly [state: RegExp, status: number])[] = [
  [/^08/, 503],
  [/^23(503|505)/, 409],
  [/^42P01/, 404],
  [/^42501/, 403],
  [/^53/, 503],
  [/^57/, 500],
];

function failureOf(error: unknown): Answer {
  if (error instanceof BadQuery) return failure(400, "PGRST100", error.message);
  if (!(error instanceof pg.DatabaseError)) throw error;
  const { code = "", message } = error;
  if (code === "42P01") return failure(404, "PGRST205", "Could not find the table in the schema cache");
  return failure(STATUS.find(([state]) => state.test(code))?.[1] ?? 400, code, message);
}
