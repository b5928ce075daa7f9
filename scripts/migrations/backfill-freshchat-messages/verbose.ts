import type { Ended } from "../../lib/task.ts";
import type { Fetched } from "../../lib/thread.ts";

const SHOWN_CHARACTERS = 60;

/** Says a line for each message, as it is fetched. */
export async function* aloud(
  parts: AsyncGenerator<Fetched, Ended>,
  say: (line: string) => void,
): AsyncGenerator<Fetched, Ended> {
  try {
    for (;;) {
      const { done, value } = await parts.next();
      if (done) return value;
      for (const { key, role, at, content } of value.thread?.messages ?? [])
        say(
          `  ${key} ${at} ${role} ${JSON.stringify([...content.slice(0, 2 * SHOWN_CHARACTERS)].slice(0, SHOWN_CHARACTERS).join(""))}`,
        );
      yield value;
    }
  } finally {
    await parts.return("end");
  }
}
