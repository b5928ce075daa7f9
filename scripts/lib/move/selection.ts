/** Which of a source's tables are moved, and which of a target's are left alone. */
import { UserError } from "../errors.ts";
import type { Catalog, Table } from "./catalog-types.ts";

export interface Choice {
  /** By name; all of them where it is missing. */
  readonly tables?: readonly string[] | undefined;
  readonly preserve?: readonly string[] | undefined;
}

export interface Selection {
  /** Those that move, by name. */
  readonly tables: readonly Table[];
  /** Those of the target that nothing of ours may write to. */
  readonly preserved: readonly string[];
}

/**
 * A table that is to be preserved does not move, whether the source has it or not. Throws a UserError for a name that stands for
 * nothing, and for one that is asked for and to be preserved.
 */
export function selectTables(source: Catalog, target: Catalog, { tables: chosen, preserve = [] }: Choice): Selection {
  const has = ({ tables }: Catalog, name: string) => tables.some((table) => table.name === name);
  const stray = preserve.find((name) => !has(target, name) && !has(source, name));
  if (stray !== undefined)
    throw new UserError(
      `--preserve: neither the source nor schema ${target.schema} of the target has a table ${stray}.`,
    );
  const unknown = chosen?.find((name) => !has(source, name));
  if (unknown !== undefined)
    throw new UserError(`--tables: the source has no table ${unknown}. It has ${listOf(source.tables)}.`);
  const both = chosen?.find((name) => preserve.includes(name));
  if (both !== undefined) throw new UserError(`${both} can't be both moved (--tables) and preserved (--preserve).`);
  const moves = ({ name }: Table) => !preserve.includes(name) && (chosen === undefined || chosen.includes(name));
  return {
    tables: source.tables.filter(moves),
    preserved: preserve.filter((name) => has(target, name)).sort(),
  };
}

const listOf = (tables: readonly Table[]): string => tables.map(({ name }) => name).join(", ") || "none";
