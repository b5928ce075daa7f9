import type { Context, Cursor } from "../../../scripts/lib/task.ts";
import batch, { passes } from "../../../scripts/migrations/backfill-customers.ts";

/** The batch with pages of so many items, so that few rows make many pages. */
export const inPagesOf = (items: number): typeof batch => ({
  ...batch,
  pages: (context: Context, cursor: Cursor | undefined) => passes(context, cursor, items),
});
