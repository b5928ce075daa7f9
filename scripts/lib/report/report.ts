import type { AnyBatch, Ended, ItemError, PageResult, Total, Totals, Words } from "../task.ts";
import type { Document } from "./document.ts";
import { formatCount, formatDuration, wordsOf } from "./format.ts";
import type { Printer } from "./printer.ts";
import { type Crew, Progress, type Standing } from "./progress.ts";
import { addResult, emptyTotals } from "./totals.ts";

/** The others are only counted. */
const LISTED_PROBLEMS = 100;

/** What became of the items that arrived while the run was at work. */
export interface Proof {
  /** How often the whole source was searched for them. */
  readonly passes: number;
  readonly arrived: number;
  /** Whether the last search came to its end. */
  readonly complete: boolean;
  /** An item of the last search's snapshot that counts and was neither stored nor has a reason: there should be none. */
  readonly missing?: string;
}

/** Keeps a run's numbers and tells the person who watches. */
export class Report {
  readonly totals: Totals;
  readonly startedAt = new Date();
  proof: Proof | undefined;
  /** What is not as it should be, and not in quarantine; the first hundred are kept. */
  readonly problems: { count: number; readonly first: ItemError[] } = { count: 0, first: [] };
  readonly #batch: AnyBatch;
  readonly #printer: Printer;
  readonly #progress: Progress;
  #steps = 0;
  #mode: "dry-run" | "write" = "write";

  /** `words` replace those of the batch. */
  constructor(batch: AnyBatch, printer: Printer, words: Words = {}) {
    this.#batch = { ...batch, ...words };
    this.#printer = printer;
    this.#progress = new Progress(batch.unit);
    this.totals = emptyTotals(batch.skips);
  }

  /** The first line: what runs, where, and the process to send a signal to. */
  begin(mode: "dry-run" | "write", place: string): void {
    this.#mode = mode;
    const { number, title } = this.#batch;
    const what = mode === "dry-run" ? "dry run, nothing is written" : "writing";
    this.#printer.line(this.#printer.colour.bold(`Batch ${number}: ${title}`));
    this.#printer.line(`${what} · ${place} · process ${process.pid}`);
  }

  say(line: string): void {
    this.#printer.line(line);
  }

  /** Prints the headings up to this step that have not been printed. */
  step(index: number): void {
    const { steps } = this.#batch;
    for (; this.#steps <= index && this.#steps < steps.length; this.#steps++)
      this.#printer.line(`[${this.#steps + 1}/${steps.length}] ${steps[this.#steps]}...`);
  }

  /** The last heading stands before the Audit record, which a dry run doesn't write. */
  lastStep(ended: Ended): void {
    this.#printer.stop();
    const last = this.#batch.steps.length - 1;
    if (ended === "limit") this.#steps = last; // the steps between are left for another run
    const printed = this.#steps;
    this.step(last);
    if (this.#mode === "dry-run" && this.#steps > printed) this.#printer.line("  not in a dry run");
  }

  total(total: Total | undefined, crew: () => Crew | undefined = () => undefined): void {
    this.#progress.begin(total, crew);
    if (total === undefined) return;
    const { items, exact } = total;
    this.#printer.line(
      `  ${exact ? "" : "about "}${formatCount(items)} ${this.#batch.unit}${exact ? "" : " (estimated)"}`,
    );
  }

  /** How many items are left, as far as the total tells. */
  left(): number | undefined {
    return this.#progress.left();
  }

  add(result: PageResult): void {
    addResult(this.totals, result);
    for (const line of result.lines ?? []) this.#printer.line(`  ${line}`);
    for (const problem of result.problems ?? []) this.#addProblem(problem);
    this.#progress.advance(result.fetched);
    this.#printer.progress(this.#progress.toString());
  }

  /** Says why the run stands still; undefined when it goes on. */
  waits(reason: string | undefined): void {
    this.#progress.wait(reason);
    this.#printer.progress(this.#progress.toString(), reason !== undefined);
  }

  /** How far the run is, for other terminals. */
  standing(): Standing {
    return this.#progress.standing();
  }

  fail({ key, message }: ItemError): void {
    this.#progress.quarantine();
    this.#printer.line(this.#printer.colour.red(`  ! ${key}: ${message}`));
  }

  #addProblem(problem: ItemError): void {
    this.problems.count += 1;
    if (this.problems.first.length < LISTED_PROBLEMS) this.problems.first.push(problem);
    this.#printer.line(this.#printer.colour.yellow(`  ? ${problem.key}: ${problem.message}`));
  }

  /** The summary: how it ended, then the batch's own counters, each with its label. */
  end({ headline, document: { stats, durationMs } }: { headline: string; document: Document }): void {
    this.#printer.stop();
    this.#printer.line(this.#printer.colour.bold(`${headline} in ${formatDuration(durationMs)}`));
    const labels = Object.entries<string>({ ...this.#batch.labels, errors: this.#batch.labels.errors ?? "Errors" });
    const shown = labels.filter(([name]) => stats[name] !== undefined);
    const width = Math.max(...shown.map(([, label]) => label.length)) + 1;
    for (const [name, label] of shown)
      this.#printer.line(`  ${`${label}:`.padEnd(width)} ${String(stats[name]).padStart(9)}`);
    for (const [reason, count] of Object.entries(this.totals.skipped))
      if (count > 0) this.#printer.line(`  skipped, ${wordsOf(reason)}: ${count}`);
    const { proof } = this;
    if (proof?.complete && proof.missing === undefined)
      this.#printer.line(`  nothing is missing; ${formatCount(proof.arrived)} arrived during the run`);
  }
}
