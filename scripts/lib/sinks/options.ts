import type { Options as YargsOptions } from "yargs";

/** What a batch that stores threads lets people choose. */
export interface SinkOptions {
  readonly allowPartial?: boolean;
}

/** The options of every batch that stores threads, as yargs declares them. */
export const SINK_OPTIONS = {
  "allow-partial": {
    type: "boolean",
    default: false,
    describe: "exit 0 also where conversations can't be shown to be whole",
  },
} satisfies Record<string, YargsOptions>;
