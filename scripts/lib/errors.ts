/** A mistake of the person at the terminal, or of their environment: one line with the mend in it, no stack; exit 2. */
export class UserError extends Error {
  override name = "UserError";
}

/** The run must wait for something that is not its own to hurry: exit 75, with what for and until when. */
export class MustWait extends Error {
  override name = "MustWait";
  /** When it is worth while to come back: an earlier run of the script is refused. */
  readonly until: Date | undefined;
  constructor(message: string, { until, ...options }: ErrorOptions & { until?: Date } = {}) {
    super(message, options);
    this.until = until;
  }
}

/** The run can't go on, for a reason that is neither a mistake of the user's nor a bug: one line, no stack; exit 1. */
export class RunFailed extends Error {
  override name = "RunFailed";
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
