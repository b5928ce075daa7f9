import { createHash } from "node:crypto";

/** What stands between source and key, so that no two pairs read the same. */
const SEPARATOR = "\x1f";

/** The id of an imported row: UUID version 8 from the first 16 bytes of sha256. The SQL function `crm_uuid` is the same rule. */
export function deterministicId(source: string, sourceKey: string): string {
  const digest = createHash("sha256").update(`${source}${SEPARATOR}${sourceKey}`).digest().subarray(0, 16);
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  return digest.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
