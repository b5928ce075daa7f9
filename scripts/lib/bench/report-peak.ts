/** Loaded into a script before it starts: tells the parent, on descriptor 3, how much memory the process held at most. */
import { readFileSync, writeSync } from "node:fs";

const PEAK_FD = 3;

process.on("exit", () => writeSync(PEAK_FD, String(peakKilobytes())));

/** Linux lets `maxRSS` begin with what the parent held when it made the process; its own status file does not. */
function peakKilobytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}
