/** `runs`: the history, newest first. Only reads. */
import { wholeNumber } from "../cli/values.ts";
import { hasJournal } from "../journal/runs.ts";
import { excerpt, formatCount, formatDuration } from "../report/format.ts";
import { readSql } from "../sql-file.ts";
import { entryNamed } from "./batch-number.ts";
import type { Answer, Asked, Desk, DeskCommand } from "./desk.ts";
import { lineWidth, onOneLine, wrap } from "./lines.ts";
import { withReader } from "./reader.ts";
import { numbersText, STATUS_WORDS, type Told, timeText } from "./run-words.ts";
import type { RunFacts } from "./state/facts.ts";
import { readDeaths } from "./state.ts";

const LIST = readSql(new URL("runs/list.sql", import.meta.url));
const SHOWN = 20;
const INDENT = " ".repeat(8);

export const runs: DeskCommand = {
  name: "runs",
  summary: "The history of runs, newest first.",
  optional: ["BATCH"],
  options: {
    limit: { ...wholeNumber("--limit", { min: 1, max: 10_000 }), describe: `list this many (default ${SHOWN})` },
  },
  run: listRuns,
};

interface Row extends Omit<Told, "startedAt" | "status"> {
  readonly batch: number;
  readonly script: string;
  readonly step: string | null;
  readonly mode: string;
  readonly status: RunFacts["status"];
  readonly error: string | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly total: number;
}

async function listRuns(desk: Desk, { options, words: [word] }: Asked): Promise<Answer> {
  const script = word === undefined ? null : entryNamed(word).name;
  const limit = Number(options.limit ?? SHOWN);
  return withReader(desk, async (db) => {
    const here = await hasJournal(db);
    const statusOf = await readDeaths(db);
    const rows = here ? (await db.query<Row>(LIST, [script, limit])).rows : [];
    const told = rows.map(({ total: _, ...row }) => ({ ...row, status: statusOf(row) }));
    const total = rows[0]?.total ?? 0;
    for (const run of told) for (const line of linesOf(run)) desk.printer.line(line);
    for (const line of wrap(endOf(told.length, total, here), "")) desk.printer.line(line);
    return { exitCode: 0, document: { command: "runs", exitCode: 0, total, runs: told } };
  });
}

type Listed = Omit<Row, "total" | "status"> & { readonly status: string };

/** "  12  batch 4  write  completed    2025-11-22 14:03Z  0.8 s", and beneath it the numbers, on one line. */
function linesOf({ id, batch, step, mode, status, startedAt, durationMs, stats, error }: Listed): string[] {
  const word = STATUS_WORDS[status] ?? status;
  const columns = [
    String(id).padStart(6),
    `batch ${batch}${step === null ? "" : ` ${step}`}`.padEnd(8),
    mode.padEnd(5),
    word.padEnd(11),
    timeText(startedAt.toISOString()),
    formatDuration(durationMs),
  ];
  const room = lineWidth() - INDENT.length;
  const why = error === null ? [] : [INDENT + excerpt(onOneLine(error), room)];
  return [columns.join("  "), INDENT + excerpt(numbersText(stats), room), ...why];
}

function endOf(shown: number, total: number, here: boolean): string {
  if (!here) return "No run is recorded here: batch 1 has not been applied.";
  if (total === 0) return "No run is recorded.";
  const which =
    total > shown ? `The newest ${formatCount(shown)} of ${formatCount(total)} runs` : `${formatCount(shown)} runs`;
  return `${which}${total > shown ? "; --limit lists more" : ""}. show RUN tells all of one.`;
}
