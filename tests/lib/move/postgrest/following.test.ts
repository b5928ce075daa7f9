/** Reading ahead, with a source that the test answers for. */
import { expect, test } from "@jest/globals";
import type { KeyRange, Table } from "../../../../scripts/lib/move/catalog-types.ts";
import { Following } from "../../../../scripts/lib/move/postgrest/following.ts";
import type { Page } from "../../../../scripts/lib/move/postgrest/pages.ts";

const TABLE = { name: "t", columns: [{ name: "id" }] } as unknown as Table;
const WHOLE: KeyRange = { table: "t", after: null, until: null };
const MEGABYTE = 1024 ** 2;

/** A source of pages with numbers for keys, up to `last`; each holds so many characters. */
function source(last: number, characters = 10) {
  const asked: number[] = [];
  const broken = new Set<number>();
  const read = async (_: Table, { after, until }: KeyRange, items: number): Promise<Page | undefined> => {
    const at = Number(after?.[0] ?? 0) + 1;
    asked.push(at);
    if (broken.has(at)) throw new Error(`${at} is broken.`);
    const end = Math.min(last, Number(until?.[0] ?? last));
    return at > end ? undefined : { text: "x".repeat(characters), rows: items, total: undefined, until: [String(at)] };
  };
  return { asked, broken, following: new Following(read) };
}

const after = (page: Page | undefined): KeyRange => ({ ...WHOLE, after: page?.until ?? null });
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test("Whoever goes on has all that follows read ahead, each page once and in order, up to the end", async () => {
  const { asked, following } = source(6);
  const seen: (string | undefined)[] = [];
  for (let range = WHOLE; ; ) {
    const page = await following.page(TABLE, range, 10);
    if (page === undefined) break;
    seen.push(page.until[0]);
    range = after(page);
  }
  expect(seen).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect(asked).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test("Of the first page nothing is read ahead, then no more than some megabytes", async () => {
  const { asked, following } = source(100, 1.5 * MEGABYTE);
  const first = await following.page(TABLE, WHOLE, 10);
  await settled();
  expect(asked).toEqual([1]);
  const second = await following.page(TABLE, after(first), 10);
  await settled();
  expect(asked).toEqual([1, 2, 3, 4, 5]);
  await following.page(TABLE, after(second), 10);
  await settled();
  expect(asked).toEqual([1, 2, 3, 4, 5, 6]);
});

test("A page that could not be read ahead is asked for again, and its failure is told then", async () => {
  const { asked, broken, following } = source(9);
  broken.add(4);
  const second = await following.page(TABLE, after(await following.page(TABLE, WHOLE, 10)), 10);
  const third = await following.page(TABLE, after(second), 10);
  await settled();
  expect(asked).toEqual([1, 2, 3, 4]);
  await expect(following.page(TABLE, after(third), 10)).rejects.toThrow("4 is broken.");
  broken.clear();
  expect((await following.page(TABLE, after(third), 10))?.until).toEqual(["4"]);
});

test("A stretch that was cut short, or is asked for smaller pages, is read anew, and what was read of it is forgotten", async () => {
  const { asked, following } = source(9, 3 * MEGABYTE);
  const second = await following.page(TABLE, after(await following.page(TABLE, WHOLE, 10)), 10);
  await settled();
  expect(asked).toEqual([1, 2, 3, 4]);
  const shorter = { ...after(second), until: ["5"] };
  const third = await following.page(TABLE, shorter, 10);
  await settled();
  expect(asked).toEqual([1, 2, 3, 4, 3]);
  const fourth = await following.page(TABLE, { ...shorter, after: third?.until ?? null }, 10);
  await settled();
  expect(asked.slice(5)).toEqual([4, 5, 6]);
  const small = await following.page(TABLE, { ...shorter, after: fourth?.until ?? null }, 4);
  expect({ rows: small?.rows, until: small?.until }).toEqual({ rows: 4, until: ["5"] });
});
