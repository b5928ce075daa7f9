/** `show RUN`: one run whole. Only reads. */
import { UserError } from "../errors.ts";
import { hasJournal } from "../journal/runs.ts";
import { formatCount, formatDuration } from "../report/format.ts";
import type { Answer, Asked, Desk, DeskCommand } from "./desk.ts";
import { onOneLine, wrap } from "./lines.ts";
import { withReader } from "./reader.ts";
import { flagsOf, givenOptions, numbersText, STATUS_WORDS, shareText } from "./run-words.ts";
import { type RunRow, readRun, type WholeRun } from "./show/read.ts";

const LABEL_WIDTH = 14;
const HIDDEN = "not here, or not for this role to read";

export const show: DeskCommand = {
  name: "show",
  summary: "One run whole: options, numbers, what it changed, what it left.",
  positional: ["RUN"],
  options: {},
  run: showRun,
};

async function showRun(desk: Desk, { words: [word = ""] }: Asked): Promise<Answer> {
  const { printer } = desk;
  const id = Number(word);
  if (!/^\d+$/.test(word) || !Number.isSafeInteger(id))
    throw new UserError(`RUN is the number of a run, not "${word}". The command runs lists them.`);
  return withReader(desk, async (db) => {
    const whole = (await hasJournal(db)) ? await readRun(db, id) : undefined;
    if (whole === undefined) throw new UserError(`There is no run ${id} here. The command runs lists those that are.`);
    printer.line(printer.colour.bold(headOf(whole.run)));
    for (const [label, text] of rowsOf(whole)) for (const line of row(label, text)) printer.line(line);
    return { exitCode: 0, document: documentOf(whole) };
  });
}

const headOf = ({ id, batch, script, step }: RunRow): string =>
  `Run ${id}: batch ${batch}, ${script}${step === null ? "" : ` ${step}`}`;

/** The label, and beside it the text, in as many lines as it takes. */
function row(label: string, text: string): string[] {
  const [first = "", ...others] = wrap(text, " ".repeat(LABEL_WIDTH));
  return [`  ${label}`.padEnd(LABEL_WIDTH) + first.slice(LABEL_WIDTH), ...others];
}

function rowsOf(whole: WholeRun): (readonly [label: string, text: string])[] {
  const { run, effects, quarantine, checkpoint, auditId } = whole;
  const { error, progress } = run;
  return [
    ["status", `${STATUS_WORDS[run.status] ?? run.status}, ${run.mode}`],
    ["started", run.startedAt.toISOString()],
    ["ended", endOf(run)],
    ["process", `${run.pid} on ${run.host}`],
    ["options", flagsOf(givenOptions(run.options)) || "none"],
    ["progress", shareText(progress ?? {}) ?? "nothing was counted"],
    ...(progress?.until === undefined ? [] : ([["not before", progress.until]] as const)),
    ...(error === null ? [] : ([["error", onOneLine(error)]] as const)),
    ["numbers", numbersText(run.stats)],
    ["effects", effects === null ? HIDDEN : effectsText(effects)],
    ["quarantine", quarantine === null ? HIDDEN : quarantineText(quarantine, run)],
    ["checkpoint", checkpoint === null ? HIDDEN : checkpointText(checkpoint)],
    ["Audit row", auditId === null ? HIDDEN : (auditId ?? "none")],
  ];
}

const endOf = ({ finishedAt, heartbeatAt, durationMs, status }: RunRow): string =>
  finishedAt === null
    ? `${status === "killed" ? "without a word" : "not yet"}; last heard of ${heartbeatAt.toISOString()}`
    : `${finishedAt.toISOString()}, after ${formatDuration(durationMs)}`;

const effectsText = (effects: NonNullable<WholeRun["effects"]>): string =>
  effects.map(({ table, action, rows }) => `${table}: ${action} ${formatCount(rows)}`).join("; ") || "none";

const quarantineText = ({ open, resolved }: NonNullable<WholeRun["quarantine"]>, { batch }: RunRow): string =>
  open + resolved === 0
    ? "nothing"
    : `${formatCount(open)} open, ${formatCount(resolved)} resolved; the command errors ${batch} lists them`;

const checkpointText = (checkpoint: Exclude<WholeRun["checkpoint"], null>): string =>
  checkpoint === undefined
    ? "none of this run"
    : `saved ${checkpoint.savedAt.toISOString()}, ${checkpoint.partsDone} of ${checkpoint.parts} parts done`;

function documentOf({ run, effects, quarantine, checkpoint, auditId }: WholeRun): object {
  return {
    command: "show",
    exitCode: 0,
    run: { ...run, options: givenOptions(run.options) },
    effects,
    quarantine,
    checkpoint: checkpoint ?? null,
    auditId: auditId ?? null,
  };
}
