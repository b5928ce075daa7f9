/** `up`: applies what is pending, batch by batch, each after a look at what it stands on. */
import { OPTIONAL } from "../batches.ts";
import { canAsk, confirm } from "../cli/confirm.ts";
import { type Database, withDatabase } from "../db/database.ts";
import { withRunLock } from "../db/lock.ts";
import { UserError } from "../errors.ts";
import { checkServer } from "../preflight.ts";
import type { Answer, Asked, Desk, DeskCommand } from "./desk.ts";
import { DRIVER_LOCK } from "./lock.ts";
import { heedingSignal } from "./reader.ts";
import { ownOptionsOf } from "./run-batch.ts";
import { readStates } from "./state.ts";
import { applyAll } from "./up/apply.ts";
import { type Plan, planUp, type Wanted, wantedOf } from "./up/plan.ts";
import { checkRoom } from "./up/preflight.ts";
import { rehearse } from "./up/rehearse.ts";
import { sayEnd, sayPlan } from "./up/say.ts";

export const up: DeskCommand = {
  name: "up",
  summary: "Apply the pending batches in order.",
  options: {
    to: { type: "string", requiresArg: true, describe: "stop after this batch" },
    with: {
      type: "string",
      requiresArg: true,
      describe: `also these, which need an account or a source: a list out of ${OPTIONAL.join(",")}`,
    },
    baseline: { type: "boolean", default: false, describe: "for batch 1: take a CRM's own tables as they are" },
    "dry-run": { type: "boolean", default: false, describe: "rehearse; writes nothing" },
    yes: { type: "boolean", default: false, describe: "don't ask" },
  },
  run: goUp,
};

function goUp(desk: Desk, asked: Asked): Promise<Answer> {
  const wanted = wantedOf(asked);
  if (wanted.dryRun) return work(desk, wanted);
  return withRunLock(desk.address, DRIVER_LOCK, (lost) =>
    work({ ...desk, signal: AbortSignal.any([desk.signal, lost]) }, wanted),
  );
}

const work = (desk: Desk, wanted: Wanted): Promise<Answer> =>
  withDatabase(desk.address, { max: 2, readOnly: wanted.dryRun }, (db) =>
    heedingSignal(db, desk.signal, () => goThrough(desk, db, wanted)),
  );

async function goThrough(desk: Desk, db: Database, wanted: Wanted): Promise<Answer> {
  await checkServer(db);
  const states = await readStates(db);
  const plan = await planUp(states, wanted, ({ entry, checkpoint }) =>
    ownOptionsOf(db, desk, entry, checkpoint?.runId),
  );
  sayPlan(desk, plan, states);
  const { error, ...done } = await carryOut(desk, db, plan, wanted);
  if (done.exitCode === 0) sayEnd(desk, wanted, plan);
  const exitCode = done.exitCode || (plan.left.some(({ reason }) => reason === "quarantine") ? 1 : 0);
  const mode = wanted.dryRun ? "dry-run" : "write";
  const document = { command: "up", mode, ...done, exitCode, left: plan.left };
  return { exitCode, document, ...(error === undefined ? {} : { error }) };
}

async function carryOut(desk: Desk, db: Database, plan: Plan, wanted: Wanted) {
  if (plan.steps.length === 0) {
    desk.printer.line("Nothing to do.");
    return {
      exitCode: 0,
      error: undefined,
      ...(wanted.dryRun ? { rehearsed: [], notRehearsed: [], stops: [] } : { applied: [], notBegun: [] }),
    };
  }
  if (wanted.dryRun) return { error: undefined, ...(await rehearse(desk, db, plan, wanted)) };
  for (const line of await checkRoom(db)) desk.printer.line(line);
  await askFirst(desk, wanted);
  return { error: undefined, ...(await applyAll(desk, db, plan, wanted)) };
}

/** The last moment before anything is written. */
async function askFirst({ printer, signal }: Desk, { yes }: Wanted): Promise<void> {
  printer.line('Have a backup, such as: pg_dump -Fc -f before.dump "$DATABASE_URL"');
  if (yes) return;
  if (!canAsk()) throw new UserError("Nobody can be asked here: add --yes to go on. Nothing was begun.");
  if (!(await confirm("Go on?", signal))) throw new UserError("Nothing was begun.");
}
