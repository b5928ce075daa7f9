/** The command line of batch 7. What the environment may say instead is read in settings.ts. */
import { DateTime } from "luxon";
import type { Options as YargsOptions } from "yargs";
import { wholeNumber } from "../../lib/cli/values.ts";
import { UserError } from "../../lib/errors.ts";
import type { HttpOptions } from "../../lib/http/options.ts";

/** An hour; longer pauses are for the shell. */
export const MOST_DELAY_MS = 3_600_000;
export const MOST_BATCH_SIZE = 1_000_000;

export interface Own extends HttpOptions {
  readonly batchSize?: number;
  readonly rateLimitDelay?: number;
  readonly batchDelay?: number;
  readonly pageDelay?: number;
  /** Both ends as ISO times, in UTC. */
  readonly since?: string;
  readonly until?: string;
  readonly noPrivate?: boolean;
  readonly conversation?: readonly string[];
  readonly conversationsFile?: string;
  readonly allowPartial?: boolean;
}

const delay = (name: string, describe: string): YargsOptions => ({
  ...wholeNumber(`--${name}`, { min: 0, max: MOST_DELAY_MS }),
  describe,
});

export const OWN_OPTIONS: Readonly<Record<string, YargsOptions>> = {
  "batch-size": {
    ...wholeNumber("--batch-size", { min: 1, max: MOST_BATCH_SIZE }),
    describe: "conversations between two long pauses (default BATCH_SIZE, or 50)",
  },
  "rate-limit-delay": delay("rate-limit-delay", "ms between conversations (default RATE_LIMIT_DELAY, or 1000)"),
  "batch-delay": delay("batch-delay", "ms after each batch of conversations (default BATCH_DELAY, or 5000)"),
  "page-delay": delay("page-delay", "ms between pages of a conversation (default PAGE_DELAY, or 500)"),
  since: { ...time("--since", "startOf"), describe: "only messages from this day, or time, on (UTC)" },
  until: { ...time("--until", "endOf"), describe: "only messages up to this day, or time (UTC)" },
  "no-private": { type: "boolean", default: false, describe: "leave out notes of one agent to another" },
  conversation: {
    type: "string",
    array: true,
    requiresArg: true,
    coerce: idsIn,
    describe: "only these, by Freshchat's ids",
  },
  "conversations-file": {
    type: "string",
    requiresArg: true,
    describe: "also the conversations of this file, an id on each line",
  },
};

/** A day is meant as a whole. */
function time(flag: string, end: "startOf" | "endOf"): YargsOptions {
  return {
    type: "string",
    requiresArg: true,
    coerce: (value: unknown) => {
      if (value === undefined) return undefined;
      const text = String(value);
      const read = DateTime.fromISO(text, { zone: "utc" });
      if (!read.isValid || !/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}.*)?$/i.test(text))
        throw new UserError(`${flag} takes a day or a time such as 2025-01-31 or 2025-01-31T12:00:00Z, not "${text}".`);
      return (text.length > 10 ? read : read[end]("day")).toISO();
    },
  };
}

/** Ids one after the other, or with commas. */
function idsIn(values: unknown): readonly string[] | undefined {
  if (values === undefined) return undefined;
  const ids = [values].flat().flatMap((value) => String(value).split(","));
  const named = ids.map((id) => id.trim()).filter((id) => id !== "");
  if (named.length === 0) throw new UserError("--conversation takes one or more ids of Freshchat's conversations.");
  return [...new Set(named)];
}
