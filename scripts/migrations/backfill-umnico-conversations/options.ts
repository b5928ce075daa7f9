import type { Options as YargsOptions } from "yargs";
import { oneOf, wholeNumber } from "../../lib/cli/values.ts";
import { UserError } from "../../lib/errors.ts";
import { HTTP_OPTIONS, type HttpOptions } from "../../lib/http/options.ts";
import { SINK_OPTIONS } from "../../lib/sinks/options.ts";
import { isZone } from "../../lib/sources/umnico/times.ts";

const LANGUAGES = ["en", "ru"] as const;

export type Language = (typeof LANGUAGES)[number];

/** The batch's own options, as they are read from the command line. */
export interface Own extends HttpOptions {
  readonly skipExisting: boolean;
  readonly allHistory: boolean;
  readonly recent: boolean;
  readonly allowPartial: boolean;
  readonly delay?: number;
  readonly timezone?: string;
  readonly lang: Language;
}

const DELAY_MS = 500;
const MOST_DELAY_MS = 600_000;
const ZONE = "Europe/Moscow";

export const OWN_OPTIONS: Readonly<Record<string, YargsOptions>> = {
  "skip-existing": { type: "boolean", default: false, describe: "don't ask for dialogs that are stored as a whole" },
  "all-history": { type: "boolean", default: false, describe: "ask for the whole history (that is the default)" },
  recent: { type: "boolean", default: false, describe: "ask only for what the service's page has loaded" },
  delay: {
    ...wholeNumber("--delay", { min: 0, max: MOST_DELAY_MS }),
    describe: `milliseconds between two dialogs (default ${DELAY_MS})`,
  },
  timezone: {
    type: "string",
    requiresArg: true,
    coerce: zoneIn,
    describe: `what times without a zone are meant in (default ${ZONE})`,
  },
  lang: { ...oneOf("--lang", LANGUAGES), default: "en", describe: "the language of what people read (en or ru)" },
  ...SINK_OPTIONS,
  ...HTTP_OPTIONS,
};

export const delayOf = ({ delay, replay }: Own): number => (replay === undefined ? (delay ?? DELAY_MS) : 0);

export const zoneOf = ({ timezone }: Own): string => timezone ?? ZONE;

function zoneIn(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (!isZone(String(value)))
    throw new UserError(`--timezone takes the name of a time zone such as Europe/Moscow, not "${value}".`);
  return String(value);
}
