import { UserError } from "../errors.ts";

/** Where a run can be made to die or to fall silent, to see what it leaves behind. CONTRIBUTING.md says how. */
export const FAULT_POINTS = [
  "page-begin", // the page's transaction is open
  "page-stored", // its rows are written, its cursor not
  "page-saved", // everything is written, nothing is committed
  "page-committed",
  "split", // a page failed, its halves are not stored
  "share", // a worker has given a part of its range away
  "stage-ended", // every part of a stage is done, the next has not begun
  "late-found", // late items are known, none of them is stored
  "record", // all work is done, the run's record is open
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];

const VARIABLE = "CRM_MIGRATIONS_FAULT";
const SIGNALS = { kill: "SIGKILL", stop: "SIGSTOP" } as const;

const passed = new Map<FaultPoint, number>();

/** Ends or stops this process where `CRM_MIGRATIONS_FAULT=<point>[:<which time>[:kill|stop]]` asks for it; else does nothing. */
export function faultAt(point: FaultPoint): void {
  const [wanted, which = "1", action = "kill"] = (process.env[VARIABLE] ?? "").split(":");
  if (wanted !== point) {
    refuseUnknown(wanted);
    return;
  }
  const times = (passed.get(point) ?? 0) + 1;
  passed.set(point, times);
  if (times === Number(which)) process.kill(process.pid, SIGNALS[action === "stop" ? "stop" : "kill"]);
}

/** A misspelt point would let a test of crashes pass that crashes nothing. */
function refuseUnknown(wanted = ""): void {
  if (wanted === "" || FAULT_POINTS.some((point) => point === wanted)) return;
  throw new UserError(`${VARIABLE} names no fault point: ${wanted}. There are ${FAULT_POINTS.join(", ")}.`);
}
