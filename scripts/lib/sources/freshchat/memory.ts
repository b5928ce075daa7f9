/** What is stored already: it tells where a walk through a conversation may end. */
import type { Sorted } from "./window.ts";

/** What is known of a conversation already. */
export interface Memory {
  /** Its row, and whether all that was older than its newest message is in it; undefined where there is none. */
  stored(id: string): Promise<{ readonly row: string; readonly whole: boolean } | undefined>;
  /** Those of the message ids that its row has. */
  known(row: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** What a walk has found out so far. */
export interface Progress {
  /** The conversation was whole before: the walk may end where everything is known. */
  readonly whole: boolean;
  /** Messages older than what is asked for were left out. */
  readonly left: boolean;
}

/** Whether all that could be stored of a page is known, and so all behind it; whether older messages are left out. */
export async function compare(
  { messages, older }: Sorted,
  state: Progress,
  row: string | undefined,
  memory: Memory,
): Promise<Progress> {
  const ids = [...messages.map(({ id }) => id), ...older.flatMap(({ message }) => message?.id ?? [])];
  const matters = ids.length > 0 && (state.whole || older.length > 0);
  const known = row !== undefined && matters ? await memory.known(row, ids) : new Set<string>();
  return {
    whole: state.whole && ids.length > 0 && ids.every((id) => known.has(id)),
    left: state.left || older.some(({ message }) => message === undefined || !known.has(message.id)),
  };
}
