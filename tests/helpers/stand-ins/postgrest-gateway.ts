/** Who is let in, as Supabase's gateway and PostgREST decide it, and how they say no. */
import type { Answer, Asked } from "./stand-in.ts";

/** 2100-01-01: the same in every process, as a key is known by its text. */
const EXPIRES_AT_S = 4_102_444_800;
/** A JWT that says this of itself; its signature is nonsense, as nobody verifies it here. */
export function jwtOf(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "HS256", typ: "JWT" })}.${part({ iss: "supabase", exp: EXPIRES_AT_S, ...claims })}.c3RhbmQtaW4`;
}

export const SERVICE_KEY = jwtOf({ role: "service_role" });
export const ANON_KEY = jwtOf({ role: "anon" });
export const SECRET_KEY = "sb_secret_stand-in-0123456789abcdef";
export const PUBLISHABLE_KEY = "sb_publishable_stand-in-0123456789";

export const failure = (status: number, code: string, message: string, headers = {}): Answer => ({
  status,
  headers,
  body: { code, details: null, hint: null, message },
});

/** What the gateway and the check of the key have against a request. */
export function refusalOf({ headers }: Asked): Answer | undefined {
  const { apikey, authorization, "user-agent": agent = "" } = headers;
  if (apikey === undefined) return { status: 401, body: { message: "No API key found in request" } };
  const known = [SERVICE_KEY, ANON_KEY, SECRET_KEY, PUBLISHABLE_KEY].includes(apikey);
  const isSecret = apikey === SECRET_KEY;
  if (!known || (isSecret && /mozilla/i.test(agent))) return { status: 401, body: { message: "Invalid API key" } };
  if (isSecret ? authorization !== undefined : apikey !== PUBLISHABLE_KEY && authorization !== `Bearer ${apikey}`)
    return failure(401, "PGRST301", "JWSError (CompactDecodeError Invalid number of parts)", {
      "www-authenticate": "Bearer",
    });
  return undefined;
}
