/** Between pages a run asks the gate: where the server or its other users suffer, it waits or makes its pages smaller. */
import { setTimeout as sleep } from "node:timers/promises";
import { APPLICATION_NAME, type Queryable } from "../db/database.ts";
import { sqlStateOf } from "../db/pg-errors.ts";
import { MustWait } from "../errors.ts";
import { formatDuration } from "../report/format.ts";
import { type Check, healthChecks } from "./checks.ts";
import type { Limits } from "./options.ts";

const EVERY_MS = 1_000; // the server is asked no more often, however short the pages
const INSUFFICIENT_PRIVILEGE = "42501";

/** Why a run should not go on as it does. */
export interface Verdict {
  readonly reason: string;
  /** Pages should shrink: others wait for what they lock. */
  readonly smaller: boolean;
}

export interface Gate {
  /** Undefined where all is well. Asks the server at most once a second; between, answers with what it knows. */
  look(): Promise<Verdict | undefined>;
}

export interface Passage {
  /** The longest wait at a stretch. */
  readonly maxWaitMs: number;
  readonly signal: AbortSignal;
  /** Told why the run waits whenever that changes; undefined once it goes on. */
  readonly onWait: (reason: string | undefined) => void;
}

/** Checks with what the server answered. */
type Answers = readonly (readonly [check: Check, value: unknown])[];

/** Makes the gate of one run; `say` is told once of each thing that the role may not see. */
export function openGate(db: Queryable, limits: Limits, say: (line: string) => void): Gate {
  if (limits.off) return { look: async () => undefined };
  let checks = healthChecks(limits);
  const named = new Set<Check>();
  const leaveOut = (check: Check) => {
    if (named.has(check)) return;
    named.add(check);
    say(`Health: ${check.name} can't be read by this role (it needs pg_monitor); left out`);
  };
  const refused = (check: Check) => {
    leaveOut(check);
    checks = checks.filter((other) => other !== check);
  };
  return {
    look: onceASecond(async () => {
      const findings = (await answersOf(db, checks, refused)).map(([check, value]) => {
        const finding = check.judge(value as never);
        if (finding.hidden) leaveOut(check);
        return { ...finding, smaller: check.smaller === true };
      });
      const exceeded = findings.filter(({ reason }) => reason !== undefined);
      if (exceeded.length === 0) return undefined;
      return {
        reason: exceeded.map(({ reason }) => reason).join("; "),
        smaller: exceeded.some(({ smaller }) => smaller),
      };
    }),
  };
}

/**
 * Returns at once when all is well; else waits until it is, and returns the first verdict. Throws MustWait after
 * `maxWaitMs`, and an AbortError when the signal comes while it waits.
 */
export async function pass(gate: Gate, { maxWaitMs, signal, onWait }: Passage): Promise<Verdict | undefined> {
  signal.throwIfAborted();
  const first = await gate.look();
  if (first === undefined) return undefined;
  const deadline = performance.now() + maxWaitMs;
  let told: string | undefined;
  for (let verdict: Verdict | undefined = first; verdict !== undefined; verdict = await gate.look()) {
    if (verdict.reason !== told) onWait(verdict.reason);
    told = verdict.reason;
    const left = deadline - performance.now();
    if (left <= 0) throw mustWait(verdict, maxWaitMs);
    await sleep(Math.min(EVERY_MS, left), undefined, { signal });
  }
  onWait(undefined);
  return first;
}

/** Callers at the same time share one answer. One that failed is not kept. */
function onceASecond<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let staleAt = 0;
  const keep = (ms: number) => {
    staleAt = performance.now() + ms;
  };
  return () => {
    if (answer !== undefined && performance.now() < staleAt) return answer;
    keep(Number.POSITIVE_INFINITY);
    answer = ask();
    answer.then(
      () => keep(EVERY_MS),
      () => keep(0),
    );
    return answer;
  };
}

/** All in one round trip; where the role may not ask one of them, each for itself. */
async function answersOf(db: Queryable, checks: readonly Check[], refused: (check: Check) => void): Promise<Answers> {
  try {
    return await ask(db, checks);
  } catch (error) {
    if (sqlStateOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    if (checks.length === 1) {
      for (const check of checks) refused(check);
      return [];
    }
    const answers: Answers[] = [];
    for (const check of checks) answers.push(await answersOf(db, [check], refused));
    return answers.flat();
  }
}

async function ask(db: Queryable, checks: readonly Check[]): Promise<Answers> {
  if (checks.length === 0) return [];
  // The first column is there so that $1 is used, and has a type, whichever checks there are.
  const columns = ["$1::text as ours", ...checks.map(({ sql }, index) => `(${sql}) as c${index}`)];
  const { rows } = await db.query(`select ${columns.join(",\n")}`, [APPLICATION_NAME]);
  return checks.map((check, index) => [check, rows[0]?.[`c${index}`]] as const);
}

/** How a wait ends that took too long. */
export function mustWait({ reason }: Verdict, maxWaitMs: number): MustWait {
  const time = formatDuration(maxWaitMs).replace(/ 0+ (s|min)$/, "");
  return new MustWait(
    `A limit of the database's health has been exceeded for ${time}: ${reason}. Run the same command again to go on.`,
  );
}
