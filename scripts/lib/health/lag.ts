/** How a replica did when the server was asked. */
export interface Replica {
  readonly pid: number;
  readonly name: string;
  /** This role may not see the rest. */
  readonly hidden: boolean;
  /** Where the server's log ended, and how far of it the replica had replayed; bytes. */
  readonly written: number;
  readonly replayed: number;
  /** As the server measures it; null where it has nothing to measure. */
  readonly lagMs: number | null;
}

/** Where the log ended at some time. */
interface Mark {
  readonly end: number;
  readonly at: number;
}

/**
 * Measures how far replicas are behind. The server's own measure is missing or far too small while a replica that was
 * away catches up, and stands still while one doesn't answer; so it is also measured how long a replica has not reached
 * what had been written at a former look.
 */
export function watchLag(): (replica: Replica) => number {
  const marks = new Map<number, Mark>();
  return ({ pid, written, replayed, lagMs }) => {
    const now = performance.now();
    const mark = marks.get(pid);
    if (replayed >= written) {
      marks.delete(pid);
      return 0;
    }
    if (mark !== undefined && replayed < mark.end) return Math.max(lagMs ?? 0, now - mark.at);
    marks.set(pid, { end: written, at: now });
    return lagMs ?? 0;
  };
}
