/** `status --watch`: the same page again and again; on a terminal in its place, elsewhere only the lines that changed. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../../db/database.ts";
import { describeError, isTransient } from "../../db/pg-errors.ts";
import { UserError } from "../../errors.ts";
import type { Answer, Desk } from "../desk.ts";
import { lineWidth } from "../lines.ts";
import { readSituation, type Situation } from "../state.ts";
import { attentionOf } from "./attention.ts";
import { isCheckable, type Verified, verifyBatch } from "./checks.ts";
import { batchLines, headLines, type Line, paint, shorten, summaryLines, type Wish } from "./page.ts";

const USUAL_SECONDS = 2;
const [LEAST_SECONDS, MOST_SECONDS] = [0.2, 3_600];

/** Reads the value of --watch; without one it is the usual. */
export function secondsOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const seconds = value === "" ? USUAL_SECONDS : Number(value);
  if (seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS) return seconds;
  throw new UserError(`--watch takes seconds from ${LEAST_SECONDS} to ${MOST_SECONDS}, not "${value}".`);
}

/** Goes on until it is interrupted. */
export async function watch(desk: Desk, db: Database, wish: Wish, seconds: number): Promise<Answer> {
  const { signal } = desk;
  const draw = process.stdout.isTTY ? redrawer(desk) : changesPrinter(desk);
  const checker = new Checker(db, wish);
  try {
    for (;;) {
      draw(await look(desk, db, wish, checker));
      await sleep(seconds * 1000, undefined, { signal });
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    await checker.end();
  }
}

async function look({ address }: Desk, db: Database, wish: Wish, checker: Checker): Promise<Line[]> {
  const width = lineWidth();
  try {
    const situation = await readSituation(db);
    checker.begin(situation);
    const attention = attentionOf(situation.states, checker.verified, wish.wanted);
    return [
      ...headLines(situation, address.display, width),
      ...situation.states.flatMap((batch) => batchLines(batch, checker.verified, wish)),
      ...summaryLines(attention, width, { checking: checker.isBehind(situation) }),
    ];
  } catch (error) {
    if (!isTransient(error)) throw error;
    return [
      { text: `The database does not answer, asking again: ${describeError(error)}`.slice(0, width), tone: "bad" },
    ];
  }
}

/** Runs the checks beside the page: those of a batch once, and again when its last run is another. */
class Checker {
  readonly verified = new Map<number, Verified>();
  readonly #checked = new Map<number, string>();
  readonly #db: Database;
  readonly #wish: Wish;
  #work: Promise<void> | undefined;
  #failure: unknown;

  constructor(db: Database, wish: Wish) {
    this.#db = db;
    this.#wish = wish;
  }

  /** Throws what ended the checks before, such as a bug of ours. */
  begin({ states }: Situation): void {
    if (this.#failure !== undefined) throw this.#failure;
    for (const batch of states) if (!isCheckable(batch)) this.#forget(batch.entry.number);
    if (this.#work !== undefined || this.#wish.checks === undefined) return;
    this.#work = this.#check(states.filter(isCheckable))
      .catch((error: unknown) => {
        if (!isTransient(error) && this.#wish.checks?.signal.aborted !== true) this.#failure = error;
      })
      .finally(() => {
        this.#work = undefined;
      });
  }

  /** Whether a batch's checks are still to come. */
  isBehind({ states }: Situation): boolean {
    const wanted = this.#wish.checks !== undefined;
    return wanted && states.some((batch) => isCheckable(batch) && !this.verified.has(batch.entry.number));
  }

  async end(): Promise<void> {
    await this.#work;
  }

  async #check(states: Situation["states"]): Promise<void> {
    const { checks } = this.#wish;
    if (checks === undefined) return;
    for (const { entry, lastRun, state, runs, rolledBackRuns } of states) {
      const key = [lastRun?.id, lastRun?.status, state, runs, rolledBackRuns].join(" ");
      if (this.#checked.get(entry.number) === key) continue;
      this.verified.set(entry.number, await verifyBatch(this.#db, entry, checks));
      this.#checked.set(entry.number, key);
    }
  }

  #forget(number: number): void {
    this.verified.delete(number);
    this.#checked.delete(number);
  }
}

type Draw = (lines: readonly Line[]) => void;

/** Writes over the page before, in one write, so that nothing flickers. */
function redrawer({ printer }: Desk): Draw {
  let [height, columns] = [0, lineWidth()];
  return (all) => {
    const lines = shorten(all, Math.max(2, (process.stdout.rows || 24) - 1));
    // Where the width has changed, the terminal has broken the old lines anew: nobody knows how many they are.
    const back = columns === lineWidth() ? `\x1b[${height}A` : "\x1b[2J\x1b[H";
    const cut = lines.map((line) => ({ ...line, text: [...line.text].slice(0, lineWidth()).join("") }));
    const text = cut.map((line) => `${paint(line, printer.colour)}\x1b[K`).join("\n");
    printer.line(`${height === 0 ? "" : back}${text}\x1b[J`);
    [height, columns] = [lines.length, lineWidth()];
  };
}

/** Prints what the page before did not have. */
function changesPrinter({ printer }: Desk): Draw {
  let before = new Set<string>();
  return (lines) => {
    for (const { text } of lines) if (!before.has(text)) printer.line(text);
    before = new Set(lines.map(({ text }) => text));
  };
}
