/** What becomes of a page of judged chats: counted, or stored. */

import type { Verdict } from "../../lib/classify/classifier.ts";
import type { Queryable } from "../../lib/db/database.ts";
import { readSql } from "../../lib/sql-file.ts";
import type { Page, PageContext, PageResult } from "../../lib/task.ts";
import type { Judged } from "./judge.ts";

const file = (name: string) => readSql(new URL(`${name}.sql`, import.meta.url));
const APPLY = file("apply");
const STORE_COUNTS = file("store-counts");

export interface ChatPage extends Page {
  readonly judged: readonly Judged[];
  /** Who classified, for the record. */
  readonly classifier: { readonly name: string; readonly version: string };
  readonly counters: Readonly<Record<string, number>>;
  /** Nothing follows: the stores' counts are brought up to date. */
  readonly last: boolean;
}

/**
 * Two halves of a page. What was refused goes with the first: once that is stored, the cursor may lie behind it. What else the page
 * carries goes with the second.
 */
export function splitPage(page: ChatPage): readonly ChatPage[] {
  const { refused: _, ...rest } = page;
  const middle = Math.ceil(page.judged.length / 2);
  const first = page.judged.slice(0, middle);
  return [
    sized({ ...page, judged: first, cursor: cursorBehind(first, page), counters: {}, last: false }),
    sized({ ...rest, judged: page.judged.slice(middle) }),
  ];
}

/** Behind the last of the first half, unless the page itself ends before: what was asked beside a failure lies behind its cursor. */
function cursorBehind(half: readonly Judged[], { cursor }: ChatPage): ChatPage["cursor"] {
  const last = half.at(-1)?.id;
  return typeof cursor.id === "string" && last !== undefined && last < cursor.id ? { ...cursor, id: last } : cursor;
}

/** A page as large as what it holds. */
export function sized(page: Omit<ChatPage, "size" | "key">): ChatPage {
  const [only, ...others] = page.judged;
  const key = only !== undefined && others.length === 0 ? { key: only.id } : {};
  return { ...page, size: page.judged.length, ...key };
}

/** Counts a page: nothing that it holds has changed since it was read, or nearly nothing. */
export const planPage = async (_: Queryable, page: ChatPage, context: PageContext): Promise<PageResult> => {
  const asked = verdictsIn(page, context);
  const tagged = asked.filter(({ tagBefore }) => tagBefore === null).length;
  const confirmed = asked.filter(({ tagBefore, outcome }) => tagBefore === outcome.tag).length;
  return resultOf(page, context, { tagged, confirmed, retagged: asked.length - tagged - confirmed });
};

/** Stores a page. */
export async function applyPage(tx: Queryable, page: ChatPage, context: PageContext): Promise<PageResult> {
  const { rows } = await tx.query<Stored & Record<string, number>>(APPLY, [
    JSON.stringify(verdictsIn(page, context).map((judged) => toRow(judged, page.classifier))),
    context.runId,
  ]);
  if (page.last) await tx.query(STORE_COUNTS, [context.runId]);
  return resultOf(page, context, rows[0] ?? { tagged: 0, confirmed: 0, retagged: 0 });
}

interface Stored {
  readonly tagged: number;
  readonly retagged: number;
  /** Classified anew with the tag that they had. */
  readonly confirmed: number;
}

type WithVerdict = Omit<Judged, "outcome"> & { readonly outcome: Verdict };

const verdictsIn = ({ judged }: ChatPage, { except }: PageContext): readonly WithVerdict[] =>
  judged.flatMap(({ outcome, ...rest }) =>
    typeof outcome === "string" || except.includes(rest.id) ? [] : [{ ...rest, outcome }],
  );

const toRow = ({ id, tagBefore, hash, outcome }: WithVerdict, { name, version }: ChatPage["classifier"]) => ({
  id,
  tag: outcome.tag,
  tag_before: tagBefore,
  classification: { ...outcome, classifier: name, version, hash },
});

/** A conversation that somebody has tagged since it was read is that person's. */
function resultOf(page: ChatPage, context: PageContext, { tagged, retagged, confirmed }: Stored): PageResult {
  const having = (outcome: Judged["outcome"]) => page.judged.filter((judged) => judged.outcome === outcome).length;
  const taken = verdictsIn(page, context).length - tagged - retagged - confirmed;
  return {
    fetched: page.judged.length,
    created: tagged,
    updated: retagged,
    unchanged: confirmed + having("known"),
    quarantined: having("in quarantine") + page.judged.filter(({ id }) => context.except.includes(id)).length,
    skipped: { byHand: having("by hand") + taken, notAsked: having("not asked") },
    counters: page.counters,
    lines: context.options.verbose ? page.judged.map(lineOf) : [],
  };
}

const lineOf = ({ id, outcome }: Judged): string =>
  typeof outcome === "string"
    ? `${id} ${outcome}`
    : `${id} ${outcome.tag} ${outcome.confidence.toFixed(2)} ${outcome.reason}`;
