/** What PostgREST refuses, in words that say what to do about it. */
import { UserError } from "../../errors.ts";
import { AccountRefused, ItemRefused } from "../../http/errors.ts";

const JWT_CODES = new Set(["PGRST300", "PGRST301", "PGRST302", "PGRST303"]);

const NO_RIGHT = "42501";

/** Throws the error on, or a better one in its place. `table` is what was asked for; undefined for the API's description. */
export function explain(error: unknown, table: string | undefined): never {
  const better = betterOf(error, table);
  throw better === undefined ? error : new UserError(better, { cause: error });
}

function betterOf(error: unknown, table: string | undefined): string | undefined {
  if (error instanceof AccountRefused) return accountWords(error, table);
  if (!(error instanceof ItemRefused)) return undefined;
  const what = table ?? "the API's description";
  switch (error.own) {
    case "PGRST126":
      return "PostgREST keeps the API's description to itself (openapi-mode is disabled): without it no table is known. Turn it on, or read with SOURCE_DATABASE_URL.";
    case "PGRST205":
    case "42P01":
      return `PostgREST knows no table ${what}: it is not in an exposed schema, or newer than the schema cache (notify pgrst, 'reload schema').`;
    case "42703":
      return `PostgREST knows fewer columns of ${what} than its description names; reload its schema cache (notify pgrst, 'reload schema').`;
    case "PGRST106":
      return "PostgREST does not expose that schema: name one of those in db-schemas.";
    default:
      return undefined;
  }
}

function accountWords({ own, status }: AccountRefused, table: string | undefined): string | undefined {
  if (own !== undefined && JWT_CODES.has(own))
    return "PostgREST does not accept the key (SUPABASE_SERVICE_ROLE_KEY): it has run out, or belongs to another project.";
  if (own === NO_RIGHT) return `The key's role may not read ${table ?? "the API's description"}: grant it select.`;
  if (status === 401) return "The gateway does not accept the key (SUPABASE_SERVICE_ROLE_KEY) for SUPABASE_URL.";
  return undefined;
}
