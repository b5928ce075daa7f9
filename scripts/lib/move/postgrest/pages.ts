/** Reads a table in the order of its key, page by page, however few rows PostgREST lets out at a time. */
import { RunFailed, UserError } from "../../errors.ts";
import { ItemRefused } from "../../http/errors.ts";
import { type Key, type KeyRange, keyOf, type Table } from "../catalog-types.ts";
import type { Client, Reply } from "./client.ts";
import { itemOf } from "./columns.ts";
import { type Condition, conditionsOf, lastKeyIn, selectionOf } from "./query.ts";

/** What is asked for at a time where nobody says how much. PostgREST clips it to `db-max-rows`. */
export const MOST_ROWS = 10_000;

/** Statement timeouts: a smaller page may pass. */
const SLOW = "57014";

/** Rows, and the key of the last of them. */
export interface Page extends Reply {
  readonly until: Key;
}

/** What is read of each row: the table's columns, or its key only. */
export type What = "rows" | "keys";

export class Pages {
  readonly #client: Client;
  /** By table, where its rows have proved too large or slow for more. */
  readonly #most = new Map<string, number>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** The first rows of a range, at most `items`; undefined only where it holds none. */
  async first(
    table: Table,
    range: KeyRange,
    what: What,
    { items = MOST_ROWS, where = [] }: Wish = {},
  ): Promise<Page | undefined> {
    if (keyOf(table).length === 0) return range.after === null ? this.#whole(table, range, what) : undefined;
    const { select, order } = selectionOf(table, what === "rows" ? table.columns.map(itemOf) : []);
    const conditions = [...conditionsOf(table, range), ...where];
    for (;;) {
      const limit = Math.min(items, this.#most.get(table.name) ?? MOST_ROWS);
      try {
        return toPage(table, await this.#client.rows(table.name, { select, order, where: conditions, limit }));
      } catch (error) {
        if (limit === 1 || !isTooMuch(error)) throw error;
        this.#most.set(table.name, Math.ceil(limit / 2));
      }
    }
  }

  /** Rows that have no order don't come in pages: either one answer holds all of them, or they can't be read. */
  async #whole(table: Table, range: KeyRange, what: What): Promise<Page | undefined> {
    const limit = what === "rows" ? MOST_ROWS : 1;
    const select = table.columns.map(itemOf).join(",");
    const asked = { select, where: conditionsOf(table, range), limit, count: "exact" } as const;
    const { text, rows, total = 0 } = await this.#client.rows(table.name, asked);
    if (what === "rows" && rows < total) throw keyless(table, rows);
    return total === 0 ? undefined : { text, rows: total, total, until: [] };
  }

  /** All pages of a range. It ends with the range's last key or with an empty page, never because a page is short. */
  async *all(table: Table, range: KeyRange, what: What, wish: Wish = {}): AsyncGenerator<Page> {
    for (let after = range.after; !isSame(after, range.until); ) {
      const page = await this.first(table, { ...range, after }, what, wish);
      if (page === undefined) return;
      yield page;
      after = page.until;
    }
  }
}

interface Wish {
  readonly items?: number;
  /** Besides the range's own. */
  readonly where?: readonly Condition[];
}

const isTooMuch = (error: unknown): boolean =>
  error instanceof ItemRefused && (error.code === "TOO_LARGE" || error.code === "TIMEOUT" || error.own === SLOW);

const isSame = (one: Key | null, other: Key | null): boolean =>
  one !== null && other !== null && one.every((value, index) => value === other[index]);

const keyless = ({ name }: Table, rows: number): UserError =>
  new UserError(
    `PostgREST shows no primary key of ${name}, and lets ${rows} of its rows out at a time: leave it out with --tables, or read it with SOURCE_DATABASE_URL.`,
  );

function toPage(table: Table, reply: Reply): Page | undefined {
  if (reply.rows === 0) return undefined;
  const until = lastKeyIn(reply.text);
  if (until === undefined)
    throw new RunFailed(`PostgREST sent rows of ${table.name} without the key that was asked for.`);
  return { ...reply, until };
}
