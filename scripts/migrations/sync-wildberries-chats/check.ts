import { UserError } from "../../lib/errors.ts";
import { checkHttpOptions } from "../../lib/http/options.ts";
import type { Context } from "../../lib/task.ts";
import { baseUrl, type Own, readStores, servicesOf } from "./stores.ts";

/** Throws a UserError where the options, or the environment, ask for what there is not. */
export async function checkOptions(context: Context<Own>): Promise<void> {
  const { db, options } = context;
  checkHttpOptions(options);
  baseUrl();
  if (options.retryErrors && (options.store !== undefined || options.full))
    throw new UserError("--retry-errors runs every quarantined item: leave --store and --full out.");
  if (options.store === undefined || (await readStores(context, servicesOf(context))).length > 0) return;
  const { rows } = await db.query("select from stores where id = $1", [options.store]);
  throw new UserError(
    rows.length === 0
      ? `--store takes the id of a store; there is none with ${options.store}. To add it: npx tsx scripts/add-store.ts ${options.store}`
      : `Store ${options.store} has no token. To give it one: npx tsx scripts/add-store.ts ${options.store}`,
  );
}
