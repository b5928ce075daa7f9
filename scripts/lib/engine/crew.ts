import { availableParallelism } from "node:os";
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
  const { rows } = await db.query<{ free: number }>(
    `select current_setting('max_connections')::int
          - current_setting('superuser_reserved_connections')::int
          - (select count(*)::int from pg_stat_activity where coalesce(backend_type, 'client backend') = 'client backend') as free`,
  );
  const bearable = Math.floor((rows[0]?.free ?? 0) / (1 + LEFT_FOR_EACH));
  return Math.max(1, Math.min(MOST_BY_DEFAULT, availableParallelism(), bearable));
}
