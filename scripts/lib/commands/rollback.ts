/** `rollback`: takes the newest batch back by its rollback.sql, after showing what that does; and checks that it did nothing else. */
import { isDeepStrictEqual } from "node:util";
import { canAsk, confirm } from "../cli/confirm.ts";
import { wholeNumber } from "../cli/values.ts";
import { type Queryable, withDatabase } from "../db/database.ts";
import { withRunLock } from "../db/lock.ts";
import { RunFailed, UserError } from "../errors.ts";
import { hasJournal } from "../journal/runs.ts";
import { isBatchApplied } from "../preflight.ts";
import { entryNamed } from "./batch-number.ts";
import type { Answer, Asked, Desk, DeskCommand } from "./desk.ts";
import { wrap } from "./lines.ts";
import { DRIVER_LOCK } from "./lock.ts";
import { withReader } from "./reader.ts";
import { attempt } from "./rollback/attempt.ts";
import type { Deeds } from "./rollback/deeds.ts";
import type { Undoing } from "./rollback/ledger.ts";
import { headOf, linesOf } from "./rollback/lines.ts";
import { chooseRuns } from "./rollback/order.ts";
import { type RollbackScript, readRollback } from "./rollback/script.ts";

export const rollback: DeskCommand = {
  name: "rollback",
  summary: "Take a batch back, the last one first.",
  positional: ["BATCH"],
  options: {
    run: { ...wholeNumber("--run", { min: 1 }), describe: "only this run" },
    "dry-run": { type: "boolean", default: false, describe: "only show what it would do; takes the same locks" },
    yes: { type: "boolean", default: false, describe: "don't ask" },
  },
  run: rollBack,
};

type Way = "rehearse" | "ask" | "do";

async function rollBack(desk: Desk, { options, words: [word = ""] }: Asked): Promise<Answer> {
  const entry = entryNamed(word);
  const way: Way = options["dry-run"] === true ? "rehearse" : options.yes === true ? "do" : "ask";
  if (way === "ask" && !canAsk())
    throw new UserError(
      "Nothing was changed: where there is no terminal to ask on, rollback needs --yes. --dry-run shows what it would do.",
    );
  const script = await readRollback(entry);
  const work = async (signal: AbortSignal) => {
    const one = { ...desk, signal };
    const asked = options.run as number | undefined;
    const undoing = await withReader(one, (db) => chooseRuns(db, entry, asked));
    desk.printer.line(desk.printer.colour.cyan(headOf(undoing)));
    return conclude(one, undoing, way, await carryOut(one, undoing, script, way));
  };
  if (way === "rehearse") return work(desk.signal);
  // While `up` is between two batches, neither holds a batch's lock.
  return withRunLock(desk.address, DRIVER_LOCK, (lost) => work(AbortSignal.any([desk.signal, lost])));
}

async function carryOut(desk: Desk, undoing: Undoing, script: RollbackScript, way: Way): Promise<Deeds> {
  const show = (deeds: Deeds) => linesOf(deeds, desk.verbose).forEach(desk.printer.line);
  if (way === "do")
    return attempt(desk, undoing, script, (deeds) => {
      show(deeds);
      return true;
    });
  const foretold = await attempt(desk, undoing, script, () => false);
  show(foretold);
  if (way === "rehearse") return foretold;
  if (!(await confirm(`Roll back ${nameOf(undoing)}?`, desk.signal))) throw new UserError("Nothing was changed.");
  return attempt(desk, undoing, script, (deeds) => {
    if (isDeepStrictEqual(essenceOf(deeds), essenceOf(foretold))) return true;
    throw new RunFailed(
      "Nothing was changed: since you were asked, the rollback has come to do something else. Run again to see what.",
    );
  });
}

/** What goes: the whole batch, or one run of it. */
const nameOf = ({ entry, runId }: Undoing): string =>
  runId === undefined ? `batch ${entry.number}` : `run ${runId} of batch ${entry.number}`;

const essenceOf = ({ touched, dropped, made, kept }: Deeds) => ({ touched, dropped, made, kept });

async function conclude(desk: Desk, undoing: Undoing, way: Way, deeds: Deeds): Promise<Answer> {
  const { entry, runs } = undoing;
  const done = way !== "rehearse";
  if (done) await withDatabase(desk.address, { max: 1, readOnly: true }, (db) => checkIsGone(db, undoing));
  const end = done
    ? `Rolled back: ${nameOf(undoing)}. Nothing else was changed, and nothing of it is left${deeds.kept.length === 0 ? "" : " but what is kept"}.`
    : "Nothing was changed: a rehearsal. The real one does the same.";
  for (const line of wrap(end)) desk.printer.line(line);
  const document = {
    command: "rollback",
    exitCode: 0,
    mode: done ? "write" : "dry-run",
    batch: entry.number,
    script: entry.name,
    runs: runs.map(Number),
    tables: deeds.touched.map(({ name, removed, restored, putBack }) => ({ table: name, removed, restored, putBack })),
    dropped: deeds.dropped.map(({ kind, name }) => ({ kind, name })),
    made: deeds.made.map(({ kind, name }) => ({ kind, name })),
    kept: deeds.kept.map(({ table_name, row_id, reason }) => ({ table: table_name, row: row_id, reason })),
    notices: deeds.notices,
  };
  return { exitCode: 0, document };
}

/** Asked on another connection: what was committed is what others see. */
async function checkIsGone(db: Queryable, { entry, runId, runs }: Undoing): Promise<void> {
  const journal = await hasJournal(db);
  const { rows } = journal
    ? await db.query("select from migration_runs where id::text = any ($1) and status <> 'rolled_back'", [runs])
    : { rows: [] };
  if (rows.length > 0 || (runId === undefined && (await isBatchApplied(db, entry))))
    throw new RunFailed(
      `Batch ${entry.number} was rolled back, and yet it is recorded as applied: a run has begun meanwhile. Look at its status.`,
    );
}
