/** A plan for people. */
import { type Table, toText } from "../../bench/table.ts";
import { formatBytes, formatCount, formatDuration } from "../../report/format.ts";
import type { Difference, Effect } from "../diff/difference.ts";
import type { MovePlan, PlannedTable } from "./plan-types.ts";

const HEADINGS: readonly (readonly [Effect, string])[] = [
  ["loses", "Would lose data:"],
  ["refuses", "May refuse rows, which go to quarantine:"],
  ["differs", "Differs, and loses nothing:"],
];

/** Headings with their lines beneath them, indented. */
export function linesOfPlan(plan: MovePlan): string[] {
  const { from, to, tables, rows, bytes, collisions, differences, cycles, preserved } = plan;
  const size = bytes === 0 ? "" : `, ${formatBytes(bytes)}`;
  const about = tables.every(({ exact }) => exact) ? "" : "about ";
  return [
    `From ${from.name}, schema ${from.schema}`,
    `To ${to.name}, schema ${to.schema}`,
    ...section(
      `${formatCount(tables.length)} tables, ${about}${formatCount(rows)} rows${size}; takes about ${formatDuration(plan.estimateMs)}:`,
      tables.length === 0 ? [] : toText(tableOf(tables)).split("\n").slice(1),
    ),
    ...section(
      "Foreign keys in a circle; these are filled together:",
      cycles.map((names) => names.join(", ")),
    ),
    ...section(
      "Preserved, and never written:",
      preserved.map(({ name, rows }) => `${name}, ${formatCount(rows)} rows`),
    ),
    ...section("Collides:", collisions),
    ...HEADINGS.flatMap(([effect, heading]) =>
      section(heading, differences.filter((difference) => difference.effect === effect).map(lineOfDifference)),
    ),
    ...section("Is not carried:", plan.notCarried),
    ...section("The source can't show:", plan.notShown),
    ...section("Known of the source:", plan.notes),
  ];
}

const section = (heading: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [heading, ...lines.map((line) => `  ${line}`)];

export const lineOfDifference = ({ table, column, what }: Difference): string =>
  `${column === null ? table : `${table}.${column}`}: ${what}`;

const tableOf = (tables: readonly PlannedTable[]): Table => ({
  title: "",
  head: ["table", "rows", "size", "in the target", "behind"],
  rows: tables.map(({ name, rows, exact, bytes, rowsInTarget, behind }) => [
    name,
    `${exact ? "" : "~"}${formatCount(rows)}`,
    bytes === 0 ? "?" : formatBytes(bytes),
    rowsInTarget === null ? "to be made" : `${formatCount(rowsInTarget)} rows`,
    behind.join(", ") || "-",
  ]),
});
