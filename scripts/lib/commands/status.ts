/** `status`: where each batch stands, what its last run did, and whether its checks hold. Only reads. */
import { OPTIONAL } from "../batches.ts";
import { duration, listOf } from "../cli/values.ts";
import type { Database } from "../db/database.ts";
import { UserError } from "../errors.ts";
import type { Answer, Asked, Desk, DeskCommand } from "./desk.ts";
import { lineWidth } from "./lines.ts";
import { withReader } from "./reader.ts";
import { readSituation } from "./state.ts";
import { attentionOf } from "./status/attention.ts";
import { isCheckable, type Verified, verifyBatch } from "./status/checks.ts";
import { documentOf } from "./status/document.ts";
import { batchLines, headLines, type Line, paint, summaryLines, type Wish } from "./status/page.ts";
import { secondsOf, watch } from "./status/watch.ts";

/** So long a check may take before it is left to `verify`. */
const VERIFY_MS = 5_000;

export const status: DeskCommand = {
  name: "status",
  summary: "Show where each batch stands. Only reads.",
  options: {
    watch: {
      type: "string",
      coerce: secondsOf,
      describe: "show it again every so many seconds (default 2), until Ctrl-C",
    },
    "exit-code": {
      type: "boolean",
      default: false,
      describe: "exit 1 where a batch is pending, running, stopped or in quarantine, or a check does not hold",
    },
    with: {
      ...listOf("--with", OPTIONAL.map(String)),
      describe: `count these as pending, too: out of ${OPTIONAL.join(",")}`,
    },
    "no-verify": { type: "boolean", default: false, describe: "leave the checks of verify.sql out" },
    "verify-timeout": { ...duration("--verify-timeout"), describe: "give a check up after this time (default 5s)" },
  },
  run: showStatus,
};

async function showStatus(desk: Desk, { options }: Asked): Promise<Answer> {
  const { signal, json } = desk;
  const once = json ? "--json" : options["exit-code"] === true ? "--exit-code" : undefined;
  if (options.watch !== undefined && once !== undefined)
    throw new UserError(`--watch and ${once} exclude each other: --watch goes on until Ctrl-C.`);
  const wish: Wish = {
    wanted: ((options.with ?? []) as string[]).map(Number),
    checks:
      options["no-verify"] === true ? undefined : { timeoutMs: Number(options["verify-timeout"] ?? VERIFY_MS), signal },
  };
  const show = (db: Database) =>
    options.watch === undefined
      ? showOnce(desk, db, wish, options["exit-code"] === true)
      : watch(desk, db, wish, Number(options.watch));
  return withReader(desk, show, { max: 2 });
}

/** Prints each batch as soon as its checks have ended. */
async function showOnce(desk: Desk, db: Database, wish: Wish, withExitCode: boolean): Promise<Answer> {
  const { printer, address } = desk;
  const print = (lines: readonly Line[]) => {
    for (const line of lines) printer.line(paint(line, printer.colour));
  };
  const situation = await readSituation(db);
  const verified = new Map<number, Verified>();
  print(headLines(situation, address.display, lineWidth()));
  for (const batch of situation.states) {
    desk.signal.throwIfAborted();
    const { entry } = batch;
    if (wish.checks !== undefined && isCheckable(batch))
      verified.set(entry.number, await verifyBatch(db, entry, wish.checks));
    print(batchLines(batch, verified, wish));
  }
  const attention = attentionOf(situation.states, verified, wish.wanted);
  print(summaryLines(attention, lineWidth()));
  const exitCode = withExitCode && attention.length > 0 ? 1 : 0;
  return { exitCode, document: documentOf(situation, verified, { exitCode, attention, database: address.display }) };
}
