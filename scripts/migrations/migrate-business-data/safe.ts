/** What stands in the way of a copy that would lose rows, or mix them with others: found before anything is written. */
import { quoteName } from "../../lib/db/quote.ts";
import { UserError } from "../../lib/errors.ts";
import { diffTables } from "../../lib/move/diff.ts";
import { collisionsOf } from "../../lib/move/plan/collisions.ts";
import { lineOfDifference } from "../../lib/move/plan/lines.ts";
import { readSql } from "../../lib/sql-file.ts";
import type { Options } from "./options.ts";
import type { Route, Sides } from "./route.ts";

const CASCADES = readSql(new URL("cascades.sql", import.meta.url));

/** Throws a UserError where `plan` would say that the move loses something, or where tables are still to be made. */
export async function refuseLoss(route: Route, sides: Sides, { dryRun }: Pick<Options, "dryRun">): Promise<void> {
  const { catalog, target, selection } = sides;
  const missing = selection.tables.filter(({ name }) => target.tables.every((one) => one.name !== name));
  if (missing.length > 0 && !dryRun)
    throw new UserError(
      `Schema ${target.schema} of the target has no ${missing.map(({ name }) => name).join(", ")}: run \`schema\` first.`,
    );
  // A table that is missing is another complaint: the copy has it.
  const collisions = await collisionsOf({ ...sides, targetName: route.address.display, schemaFile: true });
  const losses = diffTables(catalog, target, selection.tables).filter(({ effect }) => effect === "loses");
  const hidden = (await sides.visibility())?.rows === "filtered" ? ["the source hides rows from the key's role"] : [];
  const [first, ...others] = [...collisions, ...losses.map(lineOfDifference), ...hidden];
  if (first === undefined) return;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  throw new UserError(`Nothing was copied, since data would be lost: ${first}${more}. \`plan\` tells all of it.`);
}

/**
 * Throws a UserError where a row that `sync` deletes would take rows along in tables that don't move: nobody would have noted what
 * these held. Rows of preserved tables are guarded.
 */
export async function refuseCascades({ db, target, selection }: Sides): Promise<void> {
  const named = (tables: readonly string[]) => tables.map((table) => `${quoteName(target.schema)}.${quoteName(table)}`);
  const { rows } = await db.query<{ name: string }>(CASCADES, [
    named(selection.tables.map(({ name }) => name)),
    named(selection.preserved),
  ]);
  if (rows.length === 0) return;
  throw new UserError(
    `--delete-missing would change rows of tables that don't move, by ${rows.map(({ name }) => name).join(", ")}: leave it out and delete what sync lists by hand, or take these keys away.`,
  );
}
