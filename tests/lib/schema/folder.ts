import { checksumOf, type Folder } from "../../../scripts/lib/schema/folders.ts";

/** A folder of `prisma/migrations/` that is only in memory. */
export const folder = (name: string, sql: string): Folder => ({
  name,
  sql,
  checksum: checksumOf(sql),
  rollback: undefined,
  verify: undefined,
});
