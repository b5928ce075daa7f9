import type { Database, Queryable } from "../../db/database.ts";
import { inTransaction } from "../../db/transaction.ts";
import { keyOf, type Since, type Table } from "../catalog-types.ts";
import type { DirectSource } from "../direct.ts";
import type { Source } from "../source.ts";
import { type Shape, setCanonical, shapeOf } from "./canonical.ts";
import { needsConversion } from "./hashes.ts";
import { pageSide } from "./page-side.ts";
import { type Side, type TableRows, tableSide } from "./side.ts";

/** What a move is between. */
export interface Parties {
  readonly source: Source;
  /** The source's schema. */
  readonly sourceSchema: string;
  readonly target: Database;
  /** The target's schema. */
  readonly schema: string;
}

/** A table as the two catalogs have it. */
export interface Pair {
  readonly source: Table;
  readonly target: Table;
}

export interface Sides {
  readonly source: Side;
  readonly target: Side;
  readonly shape: Shape;
}

export interface Compare {
  /** Only which rows are there, not what is in them. */
  readonly keyOnly?: boolean;
  /** Only rows that are as late as this, on both sides. */
  readonly since?: Since | undefined;
}

const isDirect = (source: Source): source is DirectSource => source.kind === "direct";

/** Opens both sides of a table for the time of `work`; each is seen at one moment, where it can be. */
export function withSides<T>(
  { source, sourceSchema, target, schema }: Parties,
  pair: Pair,
  { keyOnly = false, since }: Compare,
  work: (sides: Sides) => Promise<T>,
): Promise<T> {
  const table = pair.source.name;
  const read = { readOnly: true, oneSnapshot: true };
  return inTransaction(target, read, async (to) => {
    await setCanonical(to);
    const there: Omit<TableRows, "convert"> = { side: "target", schema, table, since };
    if (!isDirect(source)) {
      const convert = await needsConversion(to);
      const seen = withoutGenerated(pair);
      const shape = shapeOf(seen.source, seen.target, keyOf(seen.source), { keyOnly });
      return inTransaction(target, {}, async (pages) => {
        await setCanonical(pages);
        const here = pageSide(pages, { source, table: seen.source, schema, convert, since }, shape);
        return work({ source: here, target: tableSide(to, { ...there, convert }, shape), shape });
      });
    }
    const shape = shapeOf(pair.source, pair.target, keyOf(pair.source), { keyOnly });
    return source.read(async (from) => {
      await setCanonical(from);
      const convert = await either(needsConversion, from, to);
      const here = tableSide(from, { side: "source", schema: sourceSchema, table, since, convert }, shape);
      return work({ source: here, target: tableSide(to, { ...there, convert }, shape), shape });
    });
  });
}

/** A generated column is not read page by page: the target makes it of columns that are. */
function withoutGenerated({ source, target }: Pair): Pair {
  const generated = new Set(target.columns.filter((column) => column.generated !== null).map(({ name }) => name));
  return { target, source: { ...source, columns: source.columns.filter(({ name }) => !generated.has(name)) } };
}

const either = async (ask: (db: Queryable) => Promise<boolean>, one: Queryable, other: Queryable): Promise<boolean> =>
  (await ask(one)) || (await ask(other));
