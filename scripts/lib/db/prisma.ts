import type { PrismaClient } from "../../../prisma/client/client.ts";
import type { Database } from "./database.ts";

/** The shared Prisma client, on the same pool as the pages. Loaded when it is first needed: it costs some 80 MB. */
export async function openPrisma({ pool, address }: Database): Promise<PrismaClient> {
  const [{ PrismaPg }, client] = await Promise.all([
    import("@prisma/adapter-pg"),
    import("../../../prisma/client/client.ts"),
  ]);
  const { schema } = address;
  return new client.PrismaClient({ adapter: new PrismaPg(pool, schema === undefined ? {} : { schema }) });
}
