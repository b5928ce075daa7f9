/** The target as `--drop-existing` leaves it: what goes is no obstacle, and its rows count for nothing. */
import { afterDrops, planDrops } from "../../lib/move/drop.ts";
import type { Route, Sides } from "./route.ts";

/** Both sides as `schema` will find them once it has dropped what it was told to. Only reads. */
export async function afterDropping({ options }: Route, sides: Sides): Promise<Sides> {
  if (!options.dropExisting) return sides;
  const { db, catalog, target, selection } = sides;
  return { ...sides, target: afterDrops(target, await planDrops(db, catalog, target, selection)) };
}
