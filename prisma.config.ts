import "dotenv/config";
import { defineConfig } from "prisma/config";

// `prisma generate` needs no schema engine, yet the CLI looks for one, and downloads it where it finds none.
if (process.argv.includes("generate")) process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

// A variable that is set to nothing counts as not set, as it does in the scripts.
const url = process.env.DIRECT_URL || process.env.DATABASE_URL;

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  ...(!url ? {} : { datasource: { url } }),
});
