/** `schema`: the tables of a direct source, or of a file, in the target. One transaction. */
import type { Database } from "../../lib/db/database.ts";
import { inTransaction } from "../../lib/db/transaction.ts";
import { UserError } from "../../lib/errors.ts";
import { clearCheckpoint, loadCheckpoint } from "../../lib/journal/checkpoint.ts";
import { linesOfDrops, planDrops } from "../../lib/move/drop.ts";
import { noteMade } from "../../lib/move/made.ts";
import { applySchema, linesOfSchema, planSchema } from "../../lib/move/schema.ts";
import { readSchemaFile, runSchemaFile } from "../../lib/move/schema-file.ts";
import { folderSchema } from "../../lib/schema/folder-schema.ts";
import { type Context, defineSchemaBatch, type PageResult } from "../../lib/task.ts";
import { BASE_OF_LOOK } from "./base.ts";
import { copiesOf } from "./copies.ts";
import { NAME } from "./name.ts";
import { guard, release } from "./preserved.ts";
import type { Route, Sides } from "./route.ts";

/** What is to be done, for people, and how it is done. */
interface Making {
  readonly lines: readonly string[];
  apply(context: Context): Promise<unknown>;
}

export async function schemaBatch(route: Route) {
  const sides = await route.look();
  const folder = folderSchema(NAME);
  const made = sides.selection.tables.filter(({ name }) => sides.target.tables.every((one) => one.name !== name));
  const { length } = sides.selection.tables;
  const result: PageResult = { fetched: length, created: made.length, unchanged: length - made.length };
  async function look(context: Context): Promise<Making> {
    await refuseHalfCopied(context.db, route);
    const making = await (route.options.schemaFile === undefined ? fromCatalog : fromFile)(route, sides, context.runId);
    for (const line of making.lines) context.say(`  ${line}`);
    return making;
  }
  return defineSchemaBatch({
    ...BASE_OF_LOOK,
    title: "Make the tables of a database that moves",
    steps: ["Making what is missing", "Recording audit log"],
    schema: {
      plan: async (context) => {
        await look(context);
        return result;
      },
      apply: async (context) => {
        await folder.apply(context);
        const making = await look(context);
        if (route.options.dropExisting) await forgetCopy(context.db);
        await guard(context, sides);
        context.signal.throwIfAborted();
        await making.apply(context);
        return result;
      },
    },
    close: release,
    details: () => ({ tables: sides.selection.tables.map(({ name }) => ({ table: name })) }),
  });
}

async function fromCatalog({ options }: Route, { db, catalog, target, selection }: Sides, runId: number | null) {
  if (!catalog.complete) return nothingToMake({ target, selection });
  const { functions = false, dropExisting = false } = options;
  const copies = copiesOf(target.schema, runId);
  // Where a copy follows at once, what can wait for its rows does.
  const rowsFollow = options.step === undefined;
  const how = { selection, functions, dropExisting, rowsFollow, copies };
  const plan = await planSchema(db, catalog, target, how);
  return {
    lines: linesOfSchema(plan),
    apply: (context: Context) =>
      inTransaction(context.db, {}, (tx) =>
        noteMade(tx, { runId: context.runId ?? 0, copies }, () => applySchema(tx, plan, context.runId)),
      ),
  };
}

/** PostgREST does not show how its tables are made: all of them have to be there. */
function nothingToMake({ target, selection }: Pick<Sides, "target" | "selection">): Making {
  const missing = selection.tables.filter(({ name }) => target.tables.every((one) => one.name !== name));
  if (missing.length === 0) return { lines: ["makes nothing: every table is there"], apply: async () => undefined };
  const names = missing.map(({ name }) => name).join(", ");
  throw new UserError(
    `Schema ${target.schema} of the target has no ${names}, and PostgREST does not show how to make it: give --schema-file, such as pg_dump --schema-only writes.`,
  );
}

async function fromFile({ address, options }: Route, { db, catalog, target, selection }: Sides, runId: number | null) {
  const path = options.schemaFile ?? "";
  const sql = await readSchemaFile(path);
  const copies = copiesOf(target.schema, runId);
  const drops = options.dropExisting ? await planDrops(db, catalog, target, selection) : undefined;
  const tables = selection.tables.map(({ name }) => name);
  return {
    lines: [...(drops === undefined ? [] : linesOfDrops(drops, target.schema, copies)), `runs ${path}`],
    apply: (context: Context) =>
      runSchemaFile(address, path, sql, { schema: target.schema, drops, copies, tables, runId: context.runId ?? 0 }),
  };
}

/** What an interrupted copy has stored would be dropped, and it would go on behind it. */
async function refuseHalfCopied(db: Database, { options: { dropExisting, restart } }: Route): Promise<void> {
  const checkpoint = dropExisting && !restart ? await loadCheckpoint(db, NAME) : undefined;
  if (checkpoint === undefined) return;
  throw new UserError(
    `Run ${checkpoint.runId} has not ended, and --drop-existing would drop what it has stored: run ${checkpoint.selection.step} again first, or add --restart, which gives it up.`,
  );
}

/** Before anything is dropped: a copy that begins anew harms nothing, one that goes on behind rows that are gone would miss them. */
async function forgetCopy(db: Database): Promise<void> {
  const checkpoint = await loadCheckpoint(db, NAME);
  if (checkpoint !== undefined) await clearCheckpoint(db, { script: NAME, runId: checkpoint.runId });
}
