/** Under `npx tsx` one Ctrl-C arrives twice within some 30 ms: only a later one is a second one. */
const SECOND_AFTER_MS = 1_000;

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Why a run was asked to stop. */
export class Interrupted extends Error {
  override name = "Interrupted";
  readonly exitCode: number;
  constructor(signal: keyof typeof EXIT_CODES) {
    super(`Interrupted by ${signal}.`);
    this.exitCode = EXIT_CODES[signal];
  }
}

/**
 * Listens while `work` runs: the first SIGINT or SIGTERM aborts `signal`, so that the run ends after its page;
 * a second one ends the process at once, which loses nothing but that page.
 */
export async function withInterrupts<T>(
  { onFirst, onSecond }: { onFirst: (reason: Interrupted) => void; onSecond: () => void },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  let firstAt: number | undefined;
  const listen = (name: keyof typeof EXIT_CODES) => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      const reason = new Interrupted(name);
      stop.abort(reason);
      return onFirst(reason);
    }
    if (performance.now() - firstAt < SECOND_AFTER_MS) return;
    onSecond();
    process.exit(EXIT_CODES[name]);
  };
  process.on("SIGINT", listen);
  process.on("SIGTERM", listen);
  try {
    return await work(stop.signal);
  } finally {
    process.off("SIGINT", listen);
    process.off("SIGTERM", listen);
  }
}
