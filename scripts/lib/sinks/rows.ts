/** Turns a page into the rows that its statements take: each thread, customer and message once. */
import { deterministicId } from "../deterministic-id.ts";
import { Stretch } from "../stretches.ts";
import type { Fetched, Person, Thread, ThreadMessage } from "../thread.ts";
import { cleanKeyed } from "./clean.ts";
import { asTold, type People } from "./people.ts";
import { messageRow, type Origin, originOf, startOf, type ThreadRow, threadRow, type WasMade } from "./row.ts";

/** A part of a page whose thread can be stored as it is. */
export interface CleanPart {
  readonly part: Fetched;
  readonly thread: Thread | undefined;
  readonly nuls: number;
}

/** Without what PostgreSQL can't store. Messages are cleaned one by one, so that each knows how much was replaced. */
export function cleanPart(part: Fetched): CleanPart {
  if (part.thread === undefined) return { part, thread: undefined, nuls: 0 };
  const { messages, person, ...header } = part.thread;
  const thread = cleanKeyed(header);
  const who = person === undefined ? undefined : cleanKeyed(person);
  return {
    part,
    thread: { ...thread.value, messages, ...(who === undefined ? {} : { person: who.value }) },
    nuls: thread.nuls + (who?.nuls ?? 0),
  };
}

export interface Rows {
  readonly threads: readonly ThreadRow[];
  /** As JSON: they can be many. */
  readonly messages: string;
  readonly customers: readonly object[];
  readonly nicks: readonly object[];
  /** Ids of messages, by their number. */
  readonly ids: readonly string[];
  /** By part, the number of each of its messages; one that stood on the page, or an earlier one, before has none. */
  readonly places: ReadonlyMap<Fetched, readonly Place[]>;
}

/** A message's number on its page, and whether it stands there for the first time. */
export interface Place {
  readonly n: number;
  readonly first: boolean;
}

/** The rows of these parts. Where several are about one thread it counts as told first, and as covered last. */
export async function toRows(
  parts: readonly CleanPart[],
  people: People,
  origin: Origin,
  wasMade: WasMade,
): Promise<Rows> {
  const stretch = new Stretch();
  const threads = new Map<string, ThreadRow>();
  const numbers = new Map<string, number>();
  const messages: string[] = [];
  const ids: string[] = [];
  const places = new Map<Fetched, Place[]>();
  const needs = new Map<string, { customerId: string; t: number }>();
  for (const { part, thread, nuls } of parts) {
    if (thread === undefined) continue;
    const row = threads.get(thread.key) ?? threadRow(threads.size, thread, nuls, origin, wasMade);
    threads.set(thread.key, row);
    const customerId = thread.person === undefined ? undefined : people.idOf.get(asTold(thread.person));
    addTo(row, thread, customerId);
    if (customerId !== undefined) needs.set(`${customerId} ${row.n}`, { customerId, t: row.n });
    const place = (message: ThreadMessage): Place => {
      const cleaned = cleanKeyed(message);
      const id = deterministicId(origin.rules.source, `${thread.key}/${cleaned.value.id}`);
      if (wasMade(id)) return { n: -1, first: false };
      const number = numbers.get(id);
      if (number !== undefined) return { n: number, first: false };
      const n = ids.length;
      numbers.set(id, n);
      ids.push(id);
      messages.push(JSON.stringify(messageRow(n, row.n, id, cleaned.value, cleaned.nuls, origin)));
      return { n, first: true };
    };
    const placed: Place[] = [];
    places.set(part, placed);
    for (const message of thread.messages) {
      placed.push(place(message));
      if (stretch.isLong) await stretch.end();
    }
  }
  await stretch.end();
  return {
    threads: [...threads.values()],
    messages: `[${messages.join(",")}]`,
    ids,
    places,
    ...customerRows(people, needs.values(), origin),
  };
}

function addTo(row: ThreadRow, thread: Thread, customerId: string | undefined): void {
  row.customer_id ??= customerId;
  row.channel_account ??= thread.channelAccount;
  row.started_at ??= startOf(thread);
  if (thread.coverage.kind === "unknown") return;
  row.coverage = thread.coverage.kind;
  row.reason = "reason" in thread.coverage ? thread.coverage.reason : undefined;
}

/** Customers and nicks, once for each thread that needs them. */
function customerRows(
  { customers, nicks }: People,
  needs: Iterable<{ customerId: string; t: number }>,
  origin: Origin,
) {
  const rows: Record<"customers" | "nicks", object[]> = { customers: [], nicks: [] };
  const metadata = { ...originOf(origin), createdAt: new Date().toISOString() };
  const threadOf = new Map<string, number>();
  for (const { customerId, t } of needs) {
    const { key = "", ...customer } = customers.get(customerId) ?? {};
    rows.customers.push({ ...customer, t, metadata: { ...metadata, sourceKey: key } });
    if (!threadOf.has(customerId)) threadOf.set(customerId, t);
  }
  for (const { id, customerId, nick } of nicks.values())
    rows.nicks.push({ id, customer_id: customerId, nick, t: threadOf.get(customerId) });
  return rows;
}

/** All people whom a page names, in its order. */
export const peopleIn = (parts: readonly CleanPart[]): Person[] =>
  parts.flatMap(({ thread }) => (thread?.person === undefined ? [] : [thread.person]));
