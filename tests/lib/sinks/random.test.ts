/** Threads by chance of a seed: however they are cut, the same rows and the same numbers come of them, and a rollback takes them back. */
import { expect, test } from "@jest/globals";
import type { Coverage, Fetched, Person, Thread, ThreadMessage, ThreadPage } from "../../../scripts/lib/thread.ts";
import { pageOf } from "../../../scripts/lib/thread.ts";
import { differenceOf, NONE, stateOf } from "../../crash/final-state.ts";
import { addConversation, addCustomer, addMessage, addRow } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { randomOf } from "../../helpers/hostile.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { rollBack } from "../../migrations/rollback/rollback.ts";
import { batchOf, RULES, step, thread } from "./bed.ts";

const db = useDatabase();

const PHONES = ["1000000001", "1000000002", "1000000003"];
const TEXTS = ["Hello", " two\nlines ", "😀".repeat(120), "a\0b", "\ud83d", "", "x".repeat(300)];
const SEEDS = Number(process.env.SINK_SEEDS ?? 6);

class Dice {
  readonly #random: () => number;
  constructor(seed: number) {
    this.#random = randomOf(seed);
  }
  chance = (share: number): boolean => this.#random() < share;
  below = (end: number): number => Math.floor(this.#random() * end);
  one = <T>(list: readonly T[]): T => list[this.below(list.length)] as T;
}

const timeOf = (dice: Dice) => new Date(Date.UTC(2025, 0, 1) + dice.below(40) * 3_600_000).toISOString();

function personOf(dice: Dice): Person {
  const phone = dice.chance(0.5) ? dice.one(PHONES) : undefined;
  const nick = dice.chance(0.4) ? dice.one(["ada", "bob"]) : undefined;
  return {
    key: phone !== undefined ? `phone:${phone}` : nick !== undefined ? `nick:${nick}` : `dialog:${dice.below(5)}`,
    ...(phone === undefined ? {} : { phone }),
    ...(nick === undefined ? {} : { nick }),
    ...(dice.chance(0.5) ? { name: dice.one(["Ada", "Bob", " "]) } : {}),
  };
}

const messageOf = (dice: Dice, of: string): ThreadMessage => {
  const id = `m${dice.below(30)}`;
  return {
    id,
    key: `${of}/${id}`,
    role: dice.one(["user", "assistant"]),
    // A message has one text and one time, wherever it stands.
    content: TEXTS[Number(id.slice(1)) % TEXTS.length] ?? "",
    at: new Date(Date.UTC(2025, 0, 2) + Number(id.slice(1)) * 7_200_000).toISOString(),
  };
};

/** Steps of a source: each thread once, or in several steps of which the last says how much is there. */
function stepsOf(dice: Dice): Fetched[] {
  return Array.from({ length: 8 }, (_, n) => {
    const id = `t${n}`;
    const person = dice.chance(0.8) ? personOf(dice) : undefined;
    const coverage: Coverage = dice.one([
      { kind: "complete" },
      { kind: "unknown" },
      { kind: "partial", reason: "clipped" },
      { kind: "window", reason: "recent" },
    ] as const);
    const header: Thread = thread({
      id,
      key: id,
      startedAt: timeOf(dice),
      coverage,
      ...(person === undefined ? {} : { person }),
      ...(dice.chance(0.5) ? { channelAccount: "acc" } : {}),
    });
    const messages = Array.from({ length: dice.below(25) }, () => messageOf(dice, id));
    return step({ thread: { ...header, messages }, skipped: { noId: dice.below(2) } });
  });
}

/** The same steps, some of them cut into several. */
function cutSteps(dice: Dice, steps: readonly Fetched[]): Fetched[] {
  return steps.flatMap((whole) => {
    const { thread: given, ...rest } = whole;
    if (given === undefined || given.coverage.kind === "unknown") return [whole];
    const parts: Fetched[] = [];
    let messages = [...given.messages];
    while (messages.length > 1 && dice.chance(0.7)) {
      const count = 1 + dice.below(messages.length - 1);
      const coverage = { kind: "unfinished" } as const;
      parts.push(step({ thread: { ...given, coverage, messages: messages.slice(0, count) } }));
      messages = messages.slice(count);
    }
    return [...parts, { ...rest, thread: { ...given, messages } }];
  });
}

function pagesOf(dice: Dice, steps: readonly Fetched[]): ThreadPage[] {
  const pages: ThreadPage[] = [];
  for (let from = 0; from < steps.length; ) {
    const count = 1 + dice.below(4);
    pages.push(pageOf(steps.slice(from, from + count), { start: {}, cursor: {} }));
    from += count;
  }
  return pages;
}

/** What stood in the database before. */
async function addEarlierRows(dice: Dice): Promise<void> {
  const customers: string[] = [];
  for (const phone of PHONES.slice(0, 2))
    customers.push(await addCustomer(db, { phone, name: dice.one(["Eve", "", null]) }));
  const ref = { system: "umnico", entity_type: "nick", external_id: "ada" };
  if (dice.chance(0.5)) await addRow(db, "external_refs", { ...ref, entity_id: dice.one(customers) });
  for (const customer_id of customers) {
    const [start_at, end_at] = ["2025-01-02T06:00:00Z", "2025-01-03T06:00:00Z"];
    if (dice.chance(0.7)) await addRow(db, "bookings", { customer_id, status: "active", start_at, end_at });
  }
  for (const id of ["t0", "t1", "t2"]) {
    const metadata = { source: RULES.source, ...(dice.chance(0.5) ? { partial: "earlier" } : {}) };
    const conversation = await addConversation(db, {
      external_id: dice.chance(0.7) ? id : null,
      channel: "whatsapp",
      customer_id: dice.one([...customers, null]),
      last_message_at: dice.one([null, "2025-01-03T00:00:00Z"]),
      metadata: dice.one([metadata, metadata, null]),
    });
    const known = { system: "umnico", entity_type: "conversation", external_id: id, entity_id: conversation };
    if (dice.chance(0.4)) await addRow(db, "external_refs", known);
    for (const sourceId of ["m1", "m2"])
      if (dice.chance(0.7))
        await addMessage(db, conversation, {
          created_at: "2025-01-02T08:00:00Z",
          metadata: { sourceId, source: RULES.source },
        });
  }
}

test.each(Array.from({ length: SEEDS }, (_, seed) => seed + 1))(
  "one page, or many: the same rows and the same numbers, and a dry run foretells them: seed %i",
  async (seed) => {
    const dice = new Dice(seed);
    await addEarlierRows(dice);
    const before = await db.snapshot();
    const steps = stepsOf(dice);
    const run = async (pages: readonly ThreadPage[], again: readonly ThreadPage[]) => {
      const dry = await runInProcess(batchOf(pages), db, ["--dry-run"]);
      const real = await runInProcess(batchOf(again), db);
      expect(numbersOf(dry)).toEqual(numbersOf(real));
      return { numbers: numbersOf(real), state: await stateOf(db) };
    };
    const whole = () => [pageOf(steps, { start: {}, cursor: {} })];
    const once = await run(whole(), whole());
    await rollBack(db, 6);
    expect(await db.snapshot()).toEqual(before);
    const cut = pagesOf(dice, cutSteps(dice, steps));
    const other = pagesOf(dice, cutSteps(dice, steps));
    const often = await run(cut, other);
    expect(often.numbers).toEqual(once.numbers);
    expect(differenceOf(once.state, often.state)).toEqual(NONE);
    const again = await runInProcess(batchOf(pagesOf(dice, steps)), db);
    expect(again.document.stats).toMatchObject({ customersCreated: 0, conversationsCreated: 0, messagesInserted: 0 });
    await rollBack(db, 6);
    expect(await db.snapshot()).toEqual(before);
  },
);
