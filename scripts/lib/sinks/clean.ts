/** Makes texts of a source such that PostgreSQL can store them. */
import { storable } from "../storable.ts";

const NUL = "\0";

/** A value without U+0000 and halves of characters, and how many times U+0000 was replaced in it. */
export interface Clean<T> {
  readonly value: T;
  readonly nuls: number;
}

/** Replaces what PostgreSQL can't store by U+FFFD, in texts, lists and objects, in their keys, too. */
export function clean<T>(value: T): Clean<T> {
  const counted = { nuls: 0 };
  return { value: cleaned(value, counted) as T, nuls: counted.nuls };
}

/** The same for what has a key; what is replaced in that is nothing that people read, and not counted. */
export function cleanKeyed<T extends { readonly key: string }>({ key, ...rest }: T): Clean<T> {
  const { value, nuls } = clean(rest);
  return { value: { ...value, key: clean(key).value } as unknown as T, nuls };
}

function cleaned(value: unknown, counted: { nuls: number }): unknown {
  if (typeof value === "string") return cleanText(value, counted);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => cleaned(item, counted));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [cleanText(name, counted), cleaned(item, counted)]),
  );
}

function cleanText(text: string, counted: { nuls: number }): string {
  counted.nuls += text.split(NUL).length - 1;
  return storable(text);
}
