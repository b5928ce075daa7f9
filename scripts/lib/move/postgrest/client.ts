/** Asks a PostgREST for rows, their number, its description and its query plans. It only ever GETs. */
import { RunFailed } from "../../errors.ts";
import { type Answer, jsonOf } from "../../http/answer.ts";
import type { Query } from "../../http/api.ts";
import { ItemRefused } from "../../http/errors.ts";
import { type ApiKey, readApiKey } from "./api-key.ts";
import type { Condition } from "./query.ts";
import { explain } from "./refusals.ts";
import { findRoot, type PostgrestSettings } from "./root.ts";

const PLAN = "application/vnd.pgrst.plan+json";
const NO_SUCH_FORM = 406;
const PAST_THE_END = 416;

/** What is asked of a table. */
export interface Asked {
  readonly select: string;
  readonly where?: readonly Condition[];
  readonly order?: string;
  readonly limit: number;
  readonly offset?: number;
  /** "planned" is the planner's guess, "estimated" exact where there are few. */
  readonly count?: "exact" | "planned" | "estimated";
}

export interface Reply {
  /** A JSON array, as PostgreSQL wrote it. */
  readonly text: string;
  /** How many rows it holds: fewer than were asked for says nothing. */
  readonly rows: number;
  /** How many there are, where `count` asked for it. */
  readonly total: number | undefined;
}

export interface Client {
  readonly key: ApiKey;
  readonly display: string;
  rows(table: string, asked: Asked): Promise<Reply>;
  /** The OpenAPI document, unread. */
  description(): Promise<unknown>;
  /** How the database would read a table; undefined where it does not show it. */
  plan(table: string, select: string): Promise<unknown>;
}

/** Finds where below the address PostgREST answers, and lets itself in. Throws a UserError for what the person can mend. */
export async function openClient(settings: PostgrestSettings): Promise<Client> {
  const key = readApiKey(settings.key);
  const { api, description } = await findRoot(settings, key);
  const read = (table: string, query: Query, headers: Readonly<Record<string, string>>): Promise<Answer> =>
    api.read(encodeURIComponent(table), { query, headers }).catch((error) => explain(error, table));

  return {
    key,
    display: new URL(settings.url).origin,
    rows: async (table, asked) => {
      const headers = asked.count === undefined ? {} : { prefer: `count=${asked.count}` };
      const answer = await read(table, queryOf(asked), headers).catch((error) => toNoRows(error, asked));
      return answer === undefined ? { text: "[]", rows: 0, total: undefined } : replyIn(table, answer);
    },
    description: async () => description(),
    plan: async (table, select) => {
      const answer = await read(table, { select, limit: 1 }, { accept: PLAN }).catch(toNoPlan);
      return answer?.headers["content-type"]?.includes("plan+json") ? jsonOf(answer.text) : undefined;
    },
  };
}

function queryOf({ select, where = [], order, limit, offset }: Asked): Query {
  return {
    select,
    ...(where.length === 0 ? {} : { and: `(${where.join(",")})` }),
    ...(order === undefined ? {} : { order }),
    limit,
    ...(offset === undefined ? {} : { offset }),
  };
}

/** Without an offset there is no end to be past: taken for one, such an answer would cut a table short. */
function toNoRows(error: unknown, { offset }: Asked): undefined {
  if (error instanceof ItemRefused && error.status === PAST_THE_END && offset !== undefined) return undefined;
  throw error;
}

function toNoPlan(error: unknown): undefined {
  if (error instanceof ItemRefused && error.status === NO_SUCH_FORM) return undefined;
  throw error;
}

/** "0-999/2304", "0-999/*"; for no rows an asterisk before the slash. */
function replyIn(table: string, { headers, text }: Answer): Reply {
  const [, first, last, total] = /^(?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(headers["content-range"] ?? "") ?? [];
  if (total === undefined || !text.trimStart().startsWith("["))
    throw new RunFailed(
      `What answered for ${table} is not PostgREST: ${headers["content-type"] ?? "no type"}, ${text.length} characters.`,
    );
  const rows = first === undefined ? 0 : Number(last) - Number(first) + 1;
  return { text, rows, total: total === "*" ? undefined : Number(total) };
}
