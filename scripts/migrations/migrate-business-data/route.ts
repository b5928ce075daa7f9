/** What the subcommands of batch 10 share: where rows come from and where they go, opened once and looked at anew by each. */
import type { Around, Shared } from "../../lib/composite.ts";
import { type Address, parseAddress } from "../../lib/db/address.ts";
import { type Database, openDatabase, type Queryable } from "../../lib/db/database.ts";
import { MOST_WORKERS } from "../../lib/engine/crew.ts";
import { UserError } from "../../lib/errors.ts";
import { readCatalog } from "../../lib/move/catalog.ts";
import type { Catalog } from "../../lib/move/catalog-types.ts";
import { type DirectSource, openDirectSource } from "../../lib/move/direct.ts";
import type { PostgrestSource } from "../../lib/move/postgrest/source.ts";
import type { Visibility } from "../../lib/move/postgrest/visibility.ts";
import { type Selection, selectTables } from "../../lib/move/selection.ts";
import type { Source } from "../../lib/move/source.ts";
import { checkOptions, type Options, type SourceKind } from "./options.ts";

const DIRECT = "SOURCE_DATABASE_URL";
const SUPABASE = ["SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"] as const;

/** Both sides as they are now. */
export interface Sides {
  readonly source: Source;
  readonly catalog: Catalog;
  /** The target's connections and its catalog. */
  readonly db: Database;
  readonly target: Catalog;
  readonly selection: Selection;
  /** Whether all rows are shown, asked once of each source; undefined for one that is asked by SQL, and refuses where they are not. */
  visibility(): Promise<Visibility | undefined>;
}

export interface Route extends Shared {
  readonly address: Address;
  readonly options: Options;
  readonly signal: AbortSignal;
  /** Looks at both sides. `fresh` reads the source as it is now, not as it was when it was first opened. */
  look(how?: { readonly fresh?: boolean }): Promise<Sides>;
}

/** Throws a UserError where options or environment don't say what moves where. Connects when it is first looked at. */
export async function openRoute(options: Options, { address, env, signal, say }: Around): Promise<Route> {
  checkOptions(options);
  const kind = kindOf(options, env);
  const settings = settingsOf(kind, env);
  // Where a source is to see one moment, it stays open from one subcommand to the next.
  let opened: Promise<Pick<Sides, "source" | "catalog">> | undefined;
  let seen: Promise<Visibility> | undefined;
  const db = openDatabase(address, { max: MOST_WORKERS, readOnly: options.dryRun || options.step === "plan" });

  async function open() {
    const source = await openSource(settings, options, { signal, say });
    return { source, catalog: await source.catalog() };
  }

  async function closeSource(): Promise<void> {
    const before = await opened?.catch(() => undefined);
    opened = undefined;
    seen = undefined;
    await before?.source.close();
  }

  return {
    address,
    options,
    signal,
    look: async ({ fresh = false } = {}) => {
      if (fresh) await closeSource();
      opened ??= open();
      const { source, catalog } = await opened;
      refuseEmpty(catalog, source);
      const target = await readCatalog(db, options.targetSchema ?? catalog.schema);
      await refuseItself(source, catalog, db, target);
      const selection = selectTables(catalog, target, options);
      const visibility = async () => {
        if (!isPostgrest(source)) return undefined;
        const { lookForFilter } = await import("../../lib/move/postgrest/visibility.ts");
        seen ??= lookForFilter(source.client, { ...catalog, tables: selection.tables });
        return seen;
      };
      return { source, catalog, db, target, selection, visibility };
    },
    close: async () => {
      await closeSource();
      await db.close();
    },
  };
}

const isDirect = (source: Source): source is DirectSource => source.kind === "direct";

export const isPostgrest = (source: Source): source is PostgrestSource => source.kind === "postgrest";

type Settings = { readonly direct: Address } | { readonly url: string; readonly key: string };

/** A direct source shows all that PostgREST shows, and more: it goes first. */
function kindOf({ from }: Options, env: NodeJS.ProcessEnv): SourceKind {
  if (from !== undefined) return from;
  if ((env[DIRECT] ?? "") !== "") return "direct";
  if ((env.SUPABASE_URL ?? "") !== "") return "postgrest";
  throw new UserError(`There is no source: set ${DIRECT}, or ${SUPABASE.join(" and ")}.`);
}

function settingsOf(kind: SourceKind, env: NodeJS.ProcessEnv): Settings {
  const needed = (name: string): string => {
    const value = env[name] ?? "";
    if (value === "") throw new UserError(`${name} is not set.`);
    return value;
  };
  if (kind === "direct") return { direct: parseAddress(needed(DIRECT), DIRECT) };
  const [url, key] = SUPABASE.map(needed);
  return { url: url ?? "", key: key ?? "" };
}

/** What speaks to a service takes as long to load as all the rest, and only one that is asked over HTTP needs it. */
async function openSource(
  settings: Settings,
  { sourceSchema, dryRun, maxWait, timeout }: Options,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<Source> {
  if ("direct" in settings) return openDirectSource(settings.direct, sourceSchema ?? "public");
  const { openPostgrest } = await import("../../lib/move/postgrest/source.ts");
  return openPostgrest({
    ...settings,
    schema: sourceSchema,
    options: { maxWait, timeout },
    signal,
    waits: (reason) => reason !== undefined && say(`  ${reason}`),
    ahead: dryRun ? "keys" : "rows",
  });
}

/** A schema that is copied into itself would be locked by its own guards, dropped before it is read, and proven equal. */
async function refuseItself(source: Source, { schema }: Catalog, db: Database, target: Catalog): Promise<void> {
  if (!isDirect(source) || schema !== target.schema) return;
  const whoAmI = "select current_database() || ' ' || pg_postmaster_start_time() as name";
  const ask = async (side: Queryable) => (await side.query<{ name: string }>(whoAmI)).rows[0]?.name;
  if ((await source.read(ask)) !== (await ask(db))) return;
  throw new UserError(
    `Source and target are the same schema ${schema} of the same database: choose another --target-schema.`,
  );
}

function refuseEmpty({ tables, schema }: Catalog, { display }: Source): void {
  if (tables.length > 0) return;
  throw new UserError(`${display} has no tables in schema ${schema}. Name another with --source-schema.`);
}
