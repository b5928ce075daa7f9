import { toText } from "../../bench/table.ts";
import { excerpt, formatCount } from "../../report/format.ts";
import { lineWidth, onOneLine, wrap } from "../lines.ts";
import type { Deeds, Kept, Thing, Touched } from "./deeds.ts";
import type { Undoing } from "./ledger.ts";

const INDENT = "  ";

/** What three columns of counts may take. */
const COUNTS_WIDTH = 42;

/** Rows that are named for each reason. */
const NAMED = 5;
const ALL_NAMED = 1_000;

/** What is rolled back: "Batch 4, backfill-conversations-messages: runs 12 and 13." */
export function headOf({ entry: { number, name, kind }, runId, live }: Undoing): string {
  const all = live.length === 1 ? `run ${live[0]}` : `its ${formatCount(live.length)} runs`;
  const runs = runId === undefined ? (live.length === 0 ? "what was kept of it" : all) : `run ${runId} alone`;
  return `Batch ${number}, ${name}: ${kind === "schema" ? "the whole schema" : runs}.`;
}

/** What goes, what comes back, what stays and why. */
export function linesOf(deeds: Deeds, verbose: boolean): string[] {
  const { touched, dropped, made, kept, notices } = deeds;
  const rows = touched.filter(({ isRecord }) => !isRecord);
  const said = notices.filter((line) => !/^rolling back (ALL runs of batch \d+|run \d+)$/.test(line));
  return [
    ...said.flatMap((line) => wrap(onOneLine(line))),
    ...(rows.length === 0 ? ["No rows but its own records."] : tableOf(rows)),
    ...thingsOf("Drops", dropped),
    ...thingsOf("Makes", made),
    ...recordsOf(touched.filter(({ isRecord }) => isRecord)),
    ...keptOf(kept, verbose),
  ];
}

function tableOf(rows: readonly Touched[]): string[] {
  const head = ["table", "removed", "restored", "put back"];
  const cells = rows.map(({ name, removed, restored, putBack }) => [
    excerpt(name, lineWidth() - COUNTS_WIDTH),
    ...[removed, restored, putBack].map(countOf),
  ]);
  return toText({ title: "", head, rows: cells })
    .split("\n")
    .slice(1)
    .map((line) => INDENT + line);
}

const countOf = (count: number): string => (count === 0 ? "-" : formatCount(count));

function thingsOf(verb: string, things: readonly Thing[]): string[] {
  const kinds = [...new Set(things.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const names = things.filter((thing) => thing.kind === kind).map(({ name }) => name);
    const text = `${verb} ${pluralOf(kind, names.length)}: ${names.join(", ")}`;
    const lines = wrap(text, INDENT, lineWidth() - INDENT.length);
    return lines.map((line, index) => (index === 0 ? line : INDENT + line));
  });
}

function pluralOf(kind: string, count: number): string {
  if (count === 1) return kind;
  return `${formatCount(count)} ${kind === "index" ? "indexes" : `${kind}s`}`;
}

function recordsOf(records: readonly Touched[]): string[] {
  const counts = records.map(
    ({ name, removed, restored, putBack }) => `${name} ${formatCount(removed + restored + putBack)}`,
  );
  return counts.length === 0 ? [] : wrap(`Its records: ${counts.join(", ")}`, INDENT);
}

function keptOf(kept: readonly Kept[], verbose: boolean): string[] {
  if (kept.length === 0) return ["Nothing is kept."];
  const groupOf = ({ table_name, reason }: Kept) => `${table_name}: ${reason}`;
  const most = verbose ? ALL_NAMED : NAMED;
  const lines = [...new Set(kept.map(groupOf))].flatMap((group) => {
    const rows = kept.filter((one) => groupOf(one) === group);
    const more = rows.length > most ? [`and ${formatCount(rows.length - most)} more`] : [];
    const ids = rows.slice(0, most).flatMap(({ row_id }) => (row_id === null ? [] : [row_id]));
    return [
      ...wrap(`${onOneLine(group)}: ${formatCount(rows.length)}`, INDENT),
      ...[...ids.map(onOneLine), ...more].flatMap((line) => wrap(line, INDENT.repeat(2))),
    ];
  });
  return ["Kept, and why:", ...lines];
}
