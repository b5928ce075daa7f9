import batch from "../../../scripts/migrations/backfill-customers.ts";

/** The batch with pages of so many items, so that few rows make many pages. */
export const inPagesOf = (items: number): typeof batch => ({
  ...batch,
  pageItems: () => ({ first: items, least: items, most: items }),
});
