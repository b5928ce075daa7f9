import { type Address, parseAddress } from "./db/address.ts";

/** Variables that name the database, the first that is set wins: DIRECT_URL goes around a pooler. */
const VARIABLES = ["DIRECT_URL", "DATABASE_URL"] as const;

/** Runs `work` on the database that the environment names, or else on the embedded one. */
export async function withTarget<T>(
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
  work: (address: Address) => Promise<T>,
): Promise<T> {
  const variable = VARIABLES.find((name) => (env[name] ?? "") !== "");
  if (variable !== undefined) return work(parseAddress(env[variable] ?? "", variable));
  say("DATABASE_URL is not set: using the embedded PostgreSQL, whose data is in .data/");
  const { acquireServer, DEFAULT_DATABASE } = await import("./embedded/server.ts");
  const server = await acquireServer({ say });
  try {
    return await work(parseAddress(await server.database(DEFAULT_DATABASE)));
  } finally {
    await server.release();
  }
}
