import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { UserError } from "../errors.ts";
import { keepSecret } from "../report/redact.ts";
import { quoteName } from "./quote.ts";

/** Where a database is, read from a URL once. */
export interface Address {
  /** What `pg` connects with. */
  readonly client: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password?: string;
    readonly database: string;
    readonly ssl?: ConnectionOptions;
    /** Settings of the session, as libpq's `options` has them: `-c search_path=sales`. */
    readonly options?: string;
  };
  /** From Prisma's `?schema=`. */
  readonly schema: string | undefined;
  /** The URL says that it leads to a transaction pooler. */
  readonly pooled: boolean;
  /** For people and for psql: without the password, and without what only Prisma understands. */
  readonly display: string;
}

/** Prisma's own URL parameters, which libpq refuses. */
const PRISMA_ONLY = [
  "schema",
  "connection_limit",
  "pool_timeout",
  "pgbouncer",
  "socket_timeout",
  "statement_cache_size",
];
const PRISMA_TLS = ["sslaccept", "sslidentity", "sslpassword"];

const TLS_MODES = ["require", "verify-ca", "verify-full", "prefer", "allow"];

/**
 * Reads a `postgresql://` URL as Prisma and psql write them; `variable` names where it comes from, for the message.
 * Throws a UserError where it is not one. The password is kept out of all output from here on.
 */
export function parseAddress(url: string, variable = "DATABASE_URL"): Address {
  const parsed = parseUrl(url, variable);
  const query = parsed.searchParams;
  const password = decode(parsed.password, variable) || query.get("password") || "";
  if (password !== "") for (const secret of [url, parsed.password, password]) keepSecret(secret);
  const ssl = tlsOf(query, variable);
  const client = {
    host: query.get("host") || decode(parsed.hostname, variable).replace(/^\[|\]$/g, "") || "localhost",
    port: Number(parsed.port || query.get("port") || 5432),
    user: decode(parsed.username, variable) || query.get("user") || "postgres",
    ...(password === "" ? {} : { password }),
    database: decode(parsed.pathname.slice(1), variable) || "postgres",
    ...(ssl === undefined ? {} : { ssl }),
    ...(query.has("options") ? { options: query.get("options") ?? "" } : {}),
  };
  return {
    client,
    schema: query.get("schema") ?? undefined,
    pooled: query.get("pgbouncer") === "true",
    display: displayOf(parsed),
  };
}

function parseUrl(url: string, variable: string): URL {
  // As libpq, and unlike the standard, a user may stand before no host: `?host=` then names the socket's folder.
  const whole = url.replace(/^(\w+:\/\/[^/?#]*@)(?=[/?]|$)/, "$1localhost");
  const parsed = URL.canParse(whole) ? new URL(whole) : undefined;
  if (parsed && /^postgres(ql)?:$/.test(parsed.protocol)) return parsed;
  if (/^prisma(\+postgres)?:/.test(url))
    throw new UserError(
      `${variable} leads to Prisma Accelerate; give the database's own postgresql:// URL in DIRECT_URL.`,
    );
  throw new UserError(`${variable} is not a URL of the form postgresql://user:password@host:5432/database.`);
}

function decode(text: string, variable: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UserError(`${variable} holds a % that is not followed by two hexadecimal digits; write % itself as %25.`);
  }
}

/** TLS with a verified certificate, or none: there is nothing between. */
function tlsOf(query: URLSearchParams, variable: string): ConnectionOptions | undefined {
  const mode = query.get("sslmode") ?? "disable";
  if (mode === "no-verify" || query.get("sslaccept") === "accept_invalid_certs")
    throw new UserError(
      `${variable} turns off the check of the server's certificate; name its authority with sslrootcert=FILE instead.`,
    );
  if (mode === "disable") return undefined;
  if (!TLS_MODES.includes(mode))
    throw new UserError(`${variable}: sslmode=${mode} is not one of disable, ${TLS_MODES.join(", ")}.`);
  const authority = query.get("sslrootcert") ?? query.get("sslcert");
  if (authority === null || authority === "system") return { rejectUnauthorized: true };
  try {
    return { rejectUnauthorized: true, ca: readFileSync(authority, "utf8") };
  } catch (cause) {
    throw new UserError(`${variable}: can't read the certificate file ${authority}.`, { cause });
  }
}

function displayOf(url: URL): string {
  const shown = new URL(url);
  shown.password = "";
  for (const name of [...PRISMA_ONLY, ...PRISMA_TLS, "password"]) shown.searchParams.delete(name);
  const schema = url.searchParams.get("schema");
  if (schema !== null) shown.searchParams.set("options", `-csearch_path=${optionOf(schema)}`);
  return shown.href.replace("postgres:", "postgresql:").replaceAll("+", "%20");
}

/** A schema's name as libpq takes it within `options`: quoted where it is not a plain word, its blanks escaped. */
const optionOf = (schema: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(schema) ? schema : quoteName(schema).replace(/[\\\s]/g, "\\$&");
