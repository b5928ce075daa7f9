import { availableParallelism } from "node:os";
import { countFreeConnections } from "../health/free-connections.ts";
import type { AnyPagedBatch } from "../task.ts";
import type { Session } from "./session.ts";

type Paged = Session & { readonly batch: AnyPagedBatch };

/** More than these gain little: they share one disk and one write-ahead log. */
const MOST_BY_DEFAULT = 4;
/** What `--workers` allows. */
export const MOST_WORKERS = 16;
/** Connections that are left to others for each that a worker takes. */
const LEFT_FOR_EACH = 2;

/** How many workers a run has: as asked for, or as many as this machine and the server's connections bear. */
export async function crewSize({ batch, context: { options }, db }: Paged): Promise<number> {
  const alone = batch.divide === undefined || options.limit !== undefined || options.retryErrors;
  if (alone) return 1;
  if (options.workers !== undefined) return options.workers;
  const bearable = Math.floor((await countFreeConnections(db)) / (1 + LEFT_FOR_EACH));
  return Math.max(1, Math.min(MOST_BY_DEFAULT, availableParallelism(), bearable));
}
