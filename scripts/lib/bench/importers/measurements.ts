/** Measures the importers' parts, each in a process of its own on a fresh database. */
import { isDeepStrictEqual } from "node:util";
import { parseAddress } from "../../db/address.ts";
import { withDatabase } from "../../db/database.ts";
import { RunFailed } from "../../errors.ts";
import type { OwnServer } from "../../own-database.ts";
import { applyFolders } from "../../schema/engine.ts";
import { listFolders } from "../../schema/folders.ts";
import { measureProcess } from "../measure.ts";
import { median } from "../percentiles.ts";
import { settle } from "../reference.ts";
import { withService } from "./service.ts";

const TEMPLATE = "crm_bench_importers";
const CLONE = "crm_bench_importers_clone";
const FOLDER = "scripts/lib/bench/importers";

/** Megabytes. With as much memory as a machine has, Node leaves lying what nobody needs any more, and its peak would tell nothing. */
const HEAP = ["--max-old-space-size=64"];

/** What a service allows in a second. */
export const PER_SECOND = 10;

/** Runs a measurement on a database with all tables and indexes, and nothing in them. */
export type OnFresh = <T>(work: (url: string) => Promise<T>) => Promise<T>;

/** One way to store the messages. */
export interface Stored {
  readonly messages: number;
  readonly ms: number;
  readonly peakBytes: number;
}

/** The same messages by our sink and by hand; times are medians. */
export interface Contest {
  readonly rounds: number;
  readonly sink: Stored;
  readonly byHand: Stored;
  /** Of that, the statements that insert messages. */
  readonly messagesMs: number;
}

/** A whole run that was held back by a limit. */
export interface Limited {
  readonly requests: number;
  readonly ms: number;
}

/** Makes the database that all measurements begin with, for the time of `work`. */
export async function withFresh<T>(server: OwnServer, work: (onFresh: OnFresh) => Promise<T>): Promise<T> {
  const onFresh: OnFresh = async (task) => {
    const url = await server.create(CLONE, TEMPLATE);
    await settle(url);
    return task(url);
  };
  try {
    const url = await server.create(TEMPLATE);
    await applyFolders(parseAddress(url), await listFolders());
    await settle(url);
    return await work(onFresh);
  } finally {
    for (const name of [CLONE, TEMPLATE]) await server.drop(name);
  }
}

interface Round extends Stored {
  readonly messagesMs: number;
  readonly wrote: unknown;
}

/** Each round begins with the other contestant. Throws RunFailed where one writes other messages than the other. */
export async function holdContest(messages: number, rounds: number, onFresh: OnFresh): Promise<Contest> {
  const results: Record<"by-sink" | "by-hand", Round[]> = { "by-sink": [], "by-hand": [] };
  const contestants = ["by-sink", "by-hand"] as const;
  for (let round = 0; round < rounds; round += 1)
    for (const name of round % 2 === 0 ? contestants : contestants.toReversed())
      results[name].push(await onFresh((url) => storeOnce(name, messages, url)));
  const [sink, byHand] = [results["by-sink"], results["by-hand"]];
  const wrote = [...sink, ...byHand].map((one) => one.wrote);
  if (!wrote.every((one) => isDeepStrictEqual(one, wrote[0])))
    throw new RunFailed(`The contestants did not store the same messages: ${JSON.stringify(wrote)}.`);
  return {
    rounds,
    sink: inAll(sink),
    byHand: inAll(byHand),
    messagesMs: median(byHand.map(({ messagesMs }) => messagesMs)),
  };
}

async function storeOnce(name: string, messages: number, url: string): Promise<Round> {
  const { out, peakBytes } = await measureProcess(`${FOLDER}/${name}.ts`, [String(messages)], url);
  const { rows, ms, messagesMs = ms } = JSON.parse(out) as { rows: number; ms: number; messagesMs?: number };
  return { messages: rows, ms, messagesMs, peakBytes, wrote: await fingerprintOf(url) };
}

const inAll = (rounds: readonly Round[]): Stored => ({
  messages: rounds[0]?.messages ?? 0,
  ms: median(rounds.map(({ ms }) => ms)),
  peakBytes: Math.max(...rounds.map(({ peakBytes }) => peakBytes)),
});

/** What was stored, without what may differ: ids, and who stored it. */
const fingerprintOf = (url: string): Promise<unknown> =>
  withDatabase(parseAddress(url), { max: 1, readOnly: true }, async (db) => {
    const { rows } = await db.query(
      `select count(*)::int as messages,
              count(distinct c.id)::int as conversations,
              count(distinct c.customer_id)::int as customers,
              sum(hashtextextended(concat_ws(E'\\x1f', m.metadata ->> 'sourceId', m.role, m.content, m.created_at, c.external_id,
                                             c.started_at, c.last_message_at, c.last_message_preview, u.phone), 0)::numeric) as hash
         from "Message" m
         join "Conversation" c on c.id = m.conversation_id
         join "Customer" u on u.id = c.customer_id`,
    );
    return rows[0];
  });

/** A whole run with so many messages, in a heap that would not hold them. */
export async function runThroughEngine(messages: number, onFresh: OnFresh): Promise<Stored> {
  const args = [String(messages)];
  const { ms, peakBytes, out } = await onFresh((url) => measureProcess(`${FOLDER}/through-engine.ts`, args, url, HEAP));
  return { messages: statsIn(out).messagesInserted, ms, peakBytes };
}

/** A whole run of so many requests, from its start to its end. */
export async function runAtALimit(requests: number, onFresh: OnFresh): Promise<Limited> {
  const { out } = await withService(requests, (service) =>
    onFresh((url) => measureProcess(`${FOLDER}/at-a-limit.ts`, [service, String(requests), String(PER_SECOND)], url)),
  );
  return { requests: statsIn(out).requests, ms: (JSON.parse(out) as { durationMs: number }).durationMs };
}

const statsIn = (out: string) => (JSON.parse(out) as { stats: { messagesInserted: number; requests: number } }).stats;
