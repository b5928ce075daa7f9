/** A verdict as people read it. */
import { formatCount } from "../../report/format.ts";
import type { Difference } from "./merge.ts";
import type { TableVerdict, Verdict } from "./verdict.ts";

const KINDS = { missing: "missing", extra: "extra", changed: "differs" } as const;

/** A line for each table, and one for each thing that is wrong with it. `verbose` shows what rows without a key hold. */
export const tableLines = (verdict: TableVerdict, { verbose = false } = {}): string[] => [
  `${verdict.table}: ${verdict.verified ? equalOf(verdict.targetRows) : summaryOf(verdict)}`,
  ...verdict.listed.map((difference) => `  ${differenceLine(difference, verdict.keyed || verbose)}`),
  ...verdict.problems.map((problem) => `  ${problem}`),
  ...verdict.information.map((line) => `  note: ${line}`),
];

/** What is said of the whole: what is wrong, and what had better be known. */
export const verdictLines = ({ problems, information, stats }: Verdict): string[] => [
  ...problems,
  ...information.map((line) => `note: ${line}`),
  `${formatCount(stats.tablesVerified)} of ${formatCount(stats.tables)} tables verified, ` +
    `${formatCount(stats.differences)} rows differ, ${formatCount(stats.errors)} other problems`,
];

const equalOf = (rows: number): string => (rows === 1 ? "1 row is equal" : `${formatCount(rows)} rows are equal`);

const summaryOf = ({ sourceRows, targetRows, missing, extra, changed }: TableVerdict): string =>
  `NOT VERIFIED: ${formatCount(sourceRows)} rows at the source, ${formatCount(targetRows)} in the target; ` +
  `${formatCount(missing)} missing, ${formatCount(extra)} extra, ${formatCount(changed)} differ`;

function differenceLine({ kind, key, columns }: Difference, shown: boolean): string {
  const name = shown ? key.map((value) => value ?? "null").join(", ") : "a row without a key (--verbose shows it)";
  return `${KINDS[kind]}: ${name}${columns.length === 0 ? "" : ` in ${columns.join(", ")}`}`;
}
