/** A mistake of the person at the terminal, or of their environment: one line with the mend in it, no stack; exit 2. */
export class UserError extends Error {
  override name = "UserError";
}

/** The run must wait for something that is not its own to hurry: exit 75, with what for and until when. */
export class MustWait extends Error {
  override name = "MustWait";
}

/** The run can't go on, for a reason that is neither a mistake of the user's nor a bug: one line, no stack; exit 1. */
export class RunFailed extends Error {
  override name = "RunFailed";
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
