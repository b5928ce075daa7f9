import type { Status } from "../journal/runs.ts";
import type { Ended } from "../task.ts";
import type { Document } from "./document.ts";
import { formatCount } from "./format.ts";

/** What a document does not say of a run's end. */
interface End {
  readonly ended: Ended | undefined;
  /** Items to go, where a total is known. */
  readonly left: number | undefined;
  /** How many there are in all: the document has the first hundred. */
  readonly problems: number;
}

/** How a run ended, in a line that the time it took can follow: "Completed with 3 in quarantine (…)". */
export function headlineOf({ status, mode, stats, message }: Document, { ended, left, problems }: End): string {
  const dry = mode === "dry-run";
  const what = dry ? "Dry run " : "";
  const goOn = (words: string) => (dry ? "" : `; ${words} to go on`); // a dry run leaves no checkpoint
  if (status === "interrupted")
    return `${dry ? "Dry run i" : "I"}nterrupted${goOn("run the same command again")}. Ended`;
  if (status === "failed" || status === "waiting") return `${what}${status}: ${message} Ended`;
  const rest = left === undefined ? "" : `, ${formatCount(left)} left`;
  const how = ended === "limit" ? `stopped at --limit${rest}${goOn("run again")}. Ended` : "completed";
  const text = `${what}${how}${remarkOn(status, stats.errors ?? 0, problems)}`;
  return text[0]?.toUpperCase() + text.slice(1);
}

function remarkOn(status: Status, quarantined: number, problems: number): string {
  if (status !== "completed_with_errors") return "";
  const remarks = [
    ...(quarantined > 0 ? [`${quarantined} in quarantine (--retry-errors runs them again)`] : []),
    ...(problems > 0 ? [`${problems} ${problems === 1 ? "problem" : "problems"}, named above`] : []),
  ];
  return ` with ${remarks.join(" and ")}`;
}
