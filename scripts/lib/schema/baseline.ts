/** The schema of batch 1: on an empty database its folders as they are, on a CRM that was here first only what it lacks. */
import { commandOf } from "../batches.ts";
import { RunFailed, UserError } from "../errors.ts";
import type { Context, Schema } from "../task.ts";
import { hasCrm, misfitsOf } from "./baseline-compare.ts";
import { linesOf, type Missing, missingOf, resultOf } from "./baseline-missing.ts";
import { prepareTables } from "./baseline-prepare.ts";
import { misfitsOfRows, readFilled } from "./baseline-rows.ts";
import { expectedShape, readShape, type Shape } from "./baseline-shape.ts";
import { applyFolders, markApplied } from "./engine.ts";
import { type Folder, listFolders } from "./folders.ts";
import { isApplied, isChanged, readHistory } from "./history.ts";

export interface BaselineOptions {
  readonly baseline: boolean;
}

type BaselineContext = Context<BaselineOptions>;

const CRM = "20251101_create_crm";
const SCHEMA = "20251107_create_schema";

interface Survey {
  readonly pending: readonly Folder[];
  /** Names of files that are no longer what was applied. */
  readonly changed: readonly string[];
  readonly expected: Shape;
  readonly missing: Missing;
  /** A CRM, or an earlier tool, has tables here already. */
  readonly found: boolean;
  readonly recordOnly: boolean;
}

/** What is to be done, and nothing else: throws a UserError where the database does not fit. Only reads. */
export async function survey({ db, options }: BaselineContext): Promise<Survey> {
  const folders = (await listFolders()).filter(({ name }) => name === CRM || name === SCHEMA);
  const [history, actual] = [await readHistory(db), await readShape(db)];
  const expected = expectedShape();
  const pending = folders.filter((folder) => !isApplied(history, folder));
  const missing = missingOf(actual, expected);
  const recordOnly = pending.some(({ name }) => name === CRM) && hasCrm(actual);
  const found = Object.keys(expected.tables).some((table) => actual.tables[table] !== undefined);
  if (recordOnly && !options.baseline) throw new UserError(NEEDS_BASELINE);
  if (pending.length === 0) refuseMissing(missing);
  else await refuseMisfits(db, actual, expected);
  const changed = folders.filter((folder) => isChanged(history, folder)).map(({ name }) => name);
  return { pending, changed, expected, missing, found, recordOnly };
}

const NEEDS_BASELINE = `This database already holds a CRM ("Lead", "Job", "Audit"), and Prisma has no record of it. To take its tables as \
they are and add only what is missing: ${commandOf("create-schema")} --baseline (with --dry-run it shows what that would be).`;

async function refuseMisfits(db: BaselineContext["db"], actual: Shape, expected: Shape): Promise<void> {
  const filled = await readFilled(db, actual, expected);
  const misfits = misfitsOf(actual, expected, filled);
  misfits.push(...(await misfitsOfRows(db, actual, expected, filled)));
  if (misfits.length === 0) return;
  const list = misfits
    .sort()
    .map((misfit) => `\n  - ${misfit}`)
    .join("");
  throw new UserError(`Nothing was touched: what this database holds already does not fit (${misfits.length}):${list}`);
}

function refuseMissing(missing: Missing): void {
  const lines = linesOf(missing);
  if (lines.length > 0)
    throw new RunFailed(`Batch 1 is recorded as applied, and yet these are missing or invalid: ${lines.join("; ")}.`);
}

function warn({ say }: BaselineContext, changed: readonly string[]): void {
  for (const name of changed) say(`Warning: prisma/migrations/${name}/migration.sql was changed after it was applied.`);
}

/** Batch 1's own schema, with the option `--baseline`. */
export const baselineSchema: Schema<BaselineOptions> = {
  async plan(context) {
    const { pending, changed, expected, missing, recordOnly } = await survey(context);
    warn(context, changed);
    for (const { name } of pending)
      context.say(recordOnly && name === CRM ? `Would record ${name} as applied.` : `Would apply ${name}.`);
    for (const line of linesOf(missing)) context.say(`Would make ${line}.`);
    return resultOf(missing, expected, pending.length);
  },

  async apply(context) {
    const { pending, changed, expected, missing, found, recordOnly } = await survey(context);
    warn(context, changed);
    if (pending.length === 0) return resultOf(missing, expected, 0);
    const { address } = context.db;
    const crm = pending.find(({ name }) => name === CRM);
    const schema = pending.find(({ name }) => name === SCHEMA);
    if (crm !== undefined) await (recordOnly ? markApplied(address, crm) : applyFolders(address, [crm]));
    if (found && schema !== undefined) await prepareTables(context, schema, expected);
    await applyFolders(address, schema === undefined ? [] : [schema]);
    refuseMissing(missingOf(await readShape(context.db), expected));
    return resultOf(missing, expected, pending.length);
  },
};
