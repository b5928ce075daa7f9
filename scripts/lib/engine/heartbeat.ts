import type { Database } from "../db/database.ts";
import { beat, type Run, type Stats } from "../journal/runs.ts";

const EVERY_MS = 1_000;

/** Refreshes the run's record about once a second while `work` runs, outside its pages. */
export async function withHeartbeat<T>(
  db: Database,
  run: Run,
  numbers: () => { readonly stats: Stats; readonly progress: object },
  work: () => Promise<T>,
): Promise<T> {
  let beating: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    // A heartbeat that can't be written is no reason to stop: where the server is gone, the next page says so.
    const { stats, progress } = numbers();
    beating = beat(db, run, stats, progress)
      .catch(() => undefined)
      .finally(() => {
        busy = false;
      });
  }, EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await beating;
  }
}
