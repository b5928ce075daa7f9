/** Which batches `up` applies, and why it leaves the others. */
import type { BatchEntry } from "../../batches.ts";
import { UserError } from "../../errors.ts";
import { formatCount } from "../../report/format.ts";
import { entryNamed } from "../batch-number.ts";
import { type Asked, DESK_COMMAND } from "../desk.ts";
import type { OwnOptions } from "../run-batch.ts";
import type { BatchState, StateName } from "../state.ts";

/** What the command line asks for. */
export interface Wanted {
  readonly to: number;
  /** Batches that are left out unless they are named. */
  readonly named: readonly number[];
  readonly baseline: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

/** A batch that is to be applied. */
export interface Step {
  readonly entry: BatchEntry;
  readonly state: BatchState;
  /** The options that the run which it continues was started with. */
  readonly own: OwnOptions;
}

/** A batch that is left as it is. */
export interface Left {
  readonly batch: number;
  readonly name: string;
  readonly state: StateName;
  readonly reason: "done" | "quarantine" | "beyond" | "not named";
  readonly why: string;
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly left: readonly Left[];
}

/** Reads the options; throws a UserError where they contradict each other. */
export function wantedOf({ options }: Asked): Wanted {
  const to = options.to === undefined ? Number.POSITIVE_INFINITY : entryNamed(String(options.to), "--to").number;
  const words = options.with === undefined ? [] : String(options.with).split(",");
  const named = words.map((word) => entryNamed(word, "--with").number);
  const beyond = named.find((number) => number > to);
  if (beyond !== undefined) throw new UserError(`--with ${beyond} lies beyond --to ${to}: leave one of them out.`);
  return {
    to,
    named,
    baseline: options.baseline === true,
    dryRun: options["dry-run"] === true,
    yes: options.yes === true,
  };
}

/** What a person types to go on in the same way. */
export const commandOfUp = ({ to, named, baseline, dryRun }: Wanted): string =>
  [
    `${DESK_COMMAND} up`,
    ...(to === Number.POSITIVE_INFINITY ? [] : [`--to ${to}`]),
    ...(named.length === 0 ? [] : [`--with ${named.join(",")}`]),
    ...(baseline ? ["--baseline"] : []),
    ...(dryRun ? ["--dry-run"] : []),
  ].join(" ");

/** Sorts the batches, in their order. `ownOf` reads what the run that a stopped one continues was started with. */
export async function planUp(
  states: readonly BatchState[],
  wanted: Wanted,
  ownOf: (state: BatchState) => Promise<OwnOptions>,
): Promise<Plan> {
  const steps: Step[] = [];
  const left: Left[] = [];
  for (const state of states) {
    const { entry } = state;
    const own = state.resumable ? await ownOf(state) : {};
    const leave = reasonToLeave(state, wanted, own);
    if (leave === undefined) steps.push({ entry, state, own });
    else left.push({ batch: entry.number, name: entry.name, state: state.state, ...leave });
  }
  return { steps, left };
}

function reasonToLeave(
  { entry: { number, outside }, state, quarantined }: BatchState,
  { named, to }: Wanted,
  own: OwnOptions,
): Pick<Left, "reason" | "why"> | undefined {
  if (state === "unknown")
    throw new UserError(
      `This role may not read whether batch ${number} is applied: grant it select on the suite's tables.`,
    );
  if (state === "done") return { reason: "done", why: "done" };
  if (state === "quarantine")
    return { reason: "quarantine", why: `done, with ${formatCount(quarantined)} in quarantine` };
  if (number > to) return { reason: "beyond", why: `beyond --to ${to}` };
  if (named.includes(number)) return undefined;
  if (outside !== undefined) return { reason: "not named", why: `needs ${outside}` };
  if (costsMoney(own)) return { reason: "not named", why: "was stopped with --classifier llm, which costs money" };
  return undefined;
}

const costsMoney = ({ classifier }: OwnOptions): boolean => classifier === "llm";
