import type { Queryable } from "../db/database.ts";

/** A search over messages, as people are told to write it. */
export interface Search {
  readonly language: "english" | "russian";
  readonly words: string;
  readonly index: string;
}

export interface Found {
  readonly count: number;
  /** The newest hits. */
  readonly samples: readonly string[];
  /** Whether PostgreSQL answered from the index. */
  readonly usesIndex: boolean;
}

export const SEARCHES: readonly Search[] = [
  { language: "english", words: "delivery promised", index: "Message_content_fts_idx" },
  { language: "russian", words: "заказы доставку", index: "Message_content_fts_ru_idx" },
];

const SAMPLES = 2;

/** The query of a search. A language and words of our own: nothing in it comes from outside. */
export const queryOf = ({ language, words }: Search): string =>
  `select content
  from "Message"
 where to_tsvector('${language}', coalesce(content, '')) @@ websearch_to_tsquery('${language}', '${words}')`;

/** Searches, and asks PostgreSQL how it did. */
export async function find(db: Queryable, search: Search): Promise<Found> {
  const { rows } = await db.query<{ content: string }>(`${queryOf(search)} order by created_at desc, id`);
  const { rows: plan } = await db.query<{ "QUERY PLAN": string }>(`explain ${queryOf(search)}`);
  return {
    count: rows.length,
    samples: rows.slice(0, SAMPLES).map(({ content }) => content),
    usesIndex: plan.some((line) => line["QUERY PLAN"].includes(`on "${search.index}"`)),
  };
}
