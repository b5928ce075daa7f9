/** The ends of PostgreSQL's order of UUIDs. */
export const FIRST_UUID = "00000000-0000-0000-0000-000000000000";
export const LAST_UUID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** The UUID that comes right before this one. */
export function uuidBefore(id: string): string {
  const hex = (BigInt(`0x${id.replaceAll("-", "")}`) - 1n).toString(16).padStart(32, "0");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
