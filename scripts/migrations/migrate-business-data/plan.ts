/** `plan`: what would move, in which order, what differs and what would be lost. Only reads. */

import { linesOfPlan } from "../../lib/move/plan/lines.ts";
import { drawPlan, type MovePlan } from "../../lib/move/plan.ts";
import { findMaxRows } from "../../lib/move/postgrest/max-rows.ts";
import { countsOfSchema, planSchema } from "../../lib/move/schema.ts";
import { defineSchemaBatch, type ItemError, type PageResult } from "../../lib/task.ts";
import { BASE_OF_LOOK } from "./base.ts";
import { copiesOf } from "./copies.ts";
import { afterDropping } from "./dropped.ts";
import { isPostgrest, type Route, type Sides } from "./route.ts";

export async function planBatch(route: Route) {
  const sides = await route.look();
  let plan: MovePlan | undefined;
  async function draw(say: (line: string) => void): Promise<PageResult> {
    plan = await drawUp(route, await afterDropping(route, sides));
    for (const line of [...linesOfPlan(plan), ...(await linesOfMaking(route, sides))]) say(`  ${line}`);
    return { fetched: plan.tables.length, unchanged: plan.tables.length, problems: problemsOf(plan) };
  }
  return defineSchemaBatch({
    ...BASE_OF_LOOK,
    title: "Plan the move of a database",
    steps: ["Looking at both sides"],
    schema: { plan: ({ say }) => draw(say), apply: ({ say }) => draw(say) },
    details: () =>
      plan === undefined ? {} : { plan, tables: plan.tables.map(({ name, ...about }) => ({ table: name, ...about })) },
  });
}

async function drawUp(route: Route, sides: Sides): Promise<MovePlan> {
  const seen = await sides.visibility();
  const hides = seen?.rows === "filtered";
  const plan = await drawPlan({
    ...sides,
    targetName: route.address.display,
    schemaFile: route.options.schemaFile !== undefined,
    notes: [...(seen?.why ?? []), ...(await clipOf(sides))],
  });
  if (!hides) return plan;
  return { ...plan, loses: true, collisions: [...plan.collisions, "the source hides rows from the key's role"] };
}

/** How many rows PostgREST gives at a time. */
async function clipOf({ source, selection }: Sides): Promise<string[]> {
  if (!isPostgrest(source)) return [];
  const { rows, exact } = await findMaxRows(source.client, selection.tables);
  return exact ? [`each answer is cut at ${rows} rows; the copy goes on by keys`] : [];
}

/** What `schema` would make, where the source shows it: how much, and what not. It names all of it itself. */
async function linesOfMaking({ options }: Route, { catalog, target, selection, db }: Sides): Promise<string[]> {
  if (!catalog.complete) return [];
  const { functions = false, dropExisting = false } = options;
  const copies = copiesOf(target.schema, null);
  const plan = await planSchema(db, catalog, target, { selection, functions, dropExisting, copies });
  return ["`schema` (names all of it with --dry-run):", ...countsOfSchema(plan).map((line) => `  ${line}`)];
}

/** All of it is said, and in the document's plan: that there is something makes the run end with exit 1. */
function problemsOf({ collisions, differences }: MovePlan): ItemError[] {
  const losses = differences.filter(({ effect }) => effect === "loses").length;
  if (collisions.length + losses === 0) return [];
  const message = `${collisions.length} collisions, and ${losses} differences that would lose data.`;
  return [{ key: "plan", code: "loses", message }];
}
