import { createHash } from "node:crypto";
import { storable } from "./storable.ts";

/** A btree refuses entries of more than 2,704 bytes, and the script's name stands beside the key. */
const MOST_BYTES = 2_000;
/** So much of a longer key is kept that people can tell what it was. */
const KEPT_CHARACTERS = 200;
const MARK = "…md5:";

/** A key as the quarantine can hold it, whatever the source put into it; one that is in there already stays as it is. */
export function storableKey(text: string): string {
  const key = storable(text);
  if (Buffer.byteLength(key) <= MOST_BYTES) return key;
  const beginning = [...key.slice(0, 2 * KEPT_CHARACTERS)].slice(0, KEPT_CHARACTERS).join("");
  return `${beginning}${MARK}${createHash("md5").update(key).digest("hex")}`;
}

/** Whether the quarantine holds only the beginning of what the key was. */
export const isShortened = (key: string): boolean => key.includes(MARK);
