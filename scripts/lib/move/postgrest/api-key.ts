/** What an API key tells of itself, before it is used. */
import { UserError } from "../../errors.ts";

/** The role that row-level security does not bind at Supabase. */
const UNBOUND_ROLE = "service_role";

/** Roles that are meant for browsers: row-level security decides what they see. */
const BOUND_ROLES = new Set(["anon", "authenticated"]);

export interface ApiKey {
  /** "secret": `sb_secret_…`, which is no JWT. "jwt": a legacy key, or one that a PostgREST of one's own takes. */
  readonly kind: "secret" | "jwt";
  /** The role that it says it has; undefined where it does not say. */
  readonly role: string | undefined;
  /** Whether Supabase gives that role sight of every row. */
  readonly unbound: boolean;
  /** What each request carries. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Throws a UserError for a key that can't show every row, or none that is one. */
export function readApiKey(key: string, now = Date.now()): ApiKey {
  const text = key.trim();
  if (text === "") throw new UserError("SUPABASE_SERVICE_ROLE_KEY is empty; it takes the service_role or secret key.");
  if (text.startsWith("sb_publishable_")) throw tooWeak("a publishable key");
  if (text.startsWith("sb_secret_"))
    return { kind: "secret", role: UNBOUND_ROLE, unbound: true, headers: { apikey: text } };
  const claims = claimsOf(text);
  if (claims === undefined)
    throw new UserError("SUPABASE_SERVICE_ROLE_KEY is neither a JWT nor begins with sb_secret_.");
  const role = typeof claims.role === "string" ? claims.role : undefined;
  if (role !== undefined && BOUND_ROLES.has(role)) throw tooWeak(`a key of the role ${role}`);
  if (typeof claims.exp === "number" && claims.exp * 1_000 <= now)
    throw new UserError(`SUPABASE_SERVICE_ROLE_KEY ran out on ${new Date(claims.exp * 1_000).toISOString()}.`);
  const headers = { apikey: text, authorization: `Bearer ${text}` };
  return { kind: "jwt", role, unbound: role === UNBOUND_ROLE, headers };
}

const tooWeak = (what: string): UserError =>
  new UserError(
    `SUPABASE_SERVICE_ROLE_KEY holds ${what}, which row-level security may hide rows from: give the service_role or secret key.`,
  );

function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const [, payload, signature, ...rest] = token.split(".");
  if (payload === undefined || signature === undefined || rest.length > 0) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
