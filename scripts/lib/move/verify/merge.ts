import pg from "pg";
import type { Shape } from "./canonical.ts";
import type { RowHash } from "./hashes.ts";

const TEXT_ARRAY: number = 1009; // PostgreSQL's own number of the type text[]
const parseArray: (text: string) => (string | null)[] = pg.types.getTypeParser(TEXT_ARRAY, "text");

/** A row that is not the same on both sides. */
export interface Difference {
  /** At the source only, in the target only, or in both with another content. */
  readonly kind: "missing" | "extra" | "changed";
  /** The key's columns as PostgreSQL writes them; all columns where the table has no key. */
  readonly key: readonly (string | null)[];
  /** Those that differ. */
  readonly columns: readonly string[];
}

/** Walks two sides beside each other, both in the order of hash and key. */
export async function* mergeRows(
  source: AsyncIterator<RowHash, void>,
  target: AsyncIterator<RowHash, void>,
  shape: Shape,
): AsyncGenerator<Difference, void> {
  let [left, right] = await Promise.all([next(source), next(target)]);
  while (left !== undefined || right !== undefined) {
    const order = left === undefined ? 1 : right === undefined ? -1 : compareRows(left, right);
    if (left !== undefined && right !== undefined && order === 0) {
      if (left.columns !== right.columns)
        yield { ...toDifference("changed", left), columns: namesOf(left, right, shape) };
      [left, right] = await Promise.all([next(source), next(target)]);
    } else if (left !== undefined && order < 0) {
      yield toDifference("missing", left);
      left = await next(source);
    } else if (right !== undefined) {
      yield toDifference("extra", right);
      right = await next(target);
    }
  }
}

const next = async (rows: AsyncIterator<RowHash, void>): Promise<RowHash | undefined> =>
  (await rows.next()).value ?? undefined;

function compareRows(left: RowHash, right: RowHash): number {
  if (left.hash !== right.hash) return left.hash < right.hash ? -1 : 1;
  return left.key === right.key ? 0 : Buffer.compare(Buffer.from(left.key), Buffer.from(right.key));
}

const toDifference = (kind: Difference["kind"], { key }: RowHash): Difference => ({
  kind,
  key: parseArray(key),
  columns: [],
});

/** Which columns have another hash. */
function namesOf(left: RowHash, right: RowHash, { columns }: Shape): string[] {
  const [here, there] = [hashesOf(left), hashesOf(right)];
  return columns.filter((_, index) => here[index] !== there[index]).map(({ name }) => name);
}

const hashesOf = ({ columns }: RowHash): string[] => columns.slice(1, -1).split(",");
