/** Where a sync stands, and its pages. */
import type { Cursor, Page, Span } from "../../page.ts";
import type { Catalog, Key } from "../catalog-types.ts";
import { type CopyPage, itemKey, place } from "../copy/place.ts";
import type { Move } from "../copy/tables.ts";
import type { Parties } from "../verify/sides.ts";

/** A sync of a move's tables. */
export interface Sync {
  readonly move: Move;
  readonly parties: Parties;
  /** Of the target. */
  readonly catalog: Catalog;
  /** Only rows that say of themselves that they changed later are compared; all of them without it. */
  readonly since: string | undefined;
  /** Rows that are gone at the source are deleted; without it they are only listed. */
  readonly deleteMissing: boolean;
}

/** Rows of a table that the two sides don't have in common: "changed" ones are at the source, "gone" ones are not. */
export interface KeysPage extends Page {
  readonly kind: "changed" | "gone";
  readonly table: string;
  readonly keys: readonly Key[];
  /** Of them, only those count that the target has. */
  readonly known?: true;
}

export type SyncPage = KeysPage | CopyPage;

/**
 * "rows" and "again" are the copy's; "links": changes in tables that refer to themselves or to each other, once all rows are there
 * that they may refer to; "gone": rows that the source has no more.
 */
export type Phase = "rows" | "again" | "links" | "gone" | "end";

/** Level by level what is new or changed; then, in the opposite order, what is gone; then the sequences. */
export const stagesOf = ({ move: { levels } }: Sync): Span[] => [
  ...levels.flatMap((tables, level) => {
    const rows = { after: at("rows", level, tables[0]?.table.name ?? null), until: at("rows", level, null) };
    const again = { after: at("again", level, null), until: null };
    const links = { after: at("links", level, tables[0]?.table.name ?? null), until: null };
    return tables.some(({ loops }) => loops.length > 0) ? [rows, again, links] : [rows];
  }),
  ...levels
    .map((tables, level) => ({ after: at("gone", level, tables.at(-1)?.table.name ?? null), until: null }))
    .reverse(),
  { after: at("end", levels.length, null), until: null },
];

/** A page of some keys of a table. */
export const pageOf = (
  phase: "rows" | "links" | "gone",
  { level, table }: { readonly level: number; readonly table: string },
  keys: readonly Key[],
): KeysPage => ({
  kind: phase === "gone" ? "gone" : "changed",
  table,
  keys,
  cursor: at(phase, level, table),
  size: keys.length,
  key: itemKey(table, keys[0] ?? []),
  ...(phase === "links" ? { known: true } : {}),
});

export const halve = (page: KeysPage): KeysPage[] => {
  const half = Math.floor(page.keys.length / 2);
  return [page.keys.slice(0, half), page.keys.slice(half)].map((keys) => ({
    ...page,
    keys,
    size: keys.length,
    key: itemKey(page.table, keys[0] ?? []),
  }));
};

/** The copy's places, and phases of its own. */
const at = (phase: Phase, level: number, table: string | null): Cursor => ({ ...place("rows", level, table), phase });
