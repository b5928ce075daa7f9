/**
 * Adds a Wildberries store for batch 8, or changes one. Its token comes from a hidden prompt or from STORE_TOKEN, never from an
 * argument, which the shell would remember and every user of the machine could read. Safe to repeat.
 */
import { batchOf, commandOf } from "./lib/batches.ts";
import { runCommand } from "./lib/cli/command.ts";
import { askSecret } from "./lib/cli/secret.ts";
import type { Address } from "./lib/db/address.ts";
import { type Database, type Queryable, withDatabase } from "./lib/db/database.ts";
import { loadEnvironment } from "./lib/env.ts";
import { UserError } from "./lib/errors.ts";
import { isStarted } from "./lib/main.ts";
import { checkServer, isBatchApplied } from "./lib/preflight.ts";
import { createPrinter, type Printer } from "./lib/report/printer.ts";
import { keepSecret } from "./lib/report/redact.ts";
import { describeToken, readToken, refusalOf } from "./lib/sources/wildberries/token.ts";
import { withTarget } from "./lib/target.ts";

const COMMAND = {
  name: "npx tsx scripts/add-store.ts",
  usage:
    "$0 ID [options]\n\nAdds a Wildberries store, or changes one. Asks for its token, or takes it from STORE_TOKEN.\n" +
    "An empty token keeps the one that the store has.",
  positional: ["ID"],
  options: {
    name: { type: "string", requiresArg: true, describe: "what people call it (default: the id, or as it is)" },
    owner: { type: "string", requiresArg: true, describe: "whose it is, such as a user's id (default: as it is)" },
  },
} as const;

interface Wanted {
  readonly id: string;
  readonly name: string | undefined;
  readonly owner: string | undefined;
}

function add(wanted: Wanted): Promise<number> {
  const printer = createPrinter(process.stdout);
  const env = loadEnvironment();
  return withTarget(env, printer.line, (address: Address) =>
    withDatabase(address, { max: 2 }, async (db) => {
      await checkPlace(db);
      const present = await readStore(db, wanted.id);
      const token = await readNewToken(env, wanted.id, present?.has_token === true);
      if (token !== "") describe(token, printer);
      await save(db, wanted, token);
      const what = present === undefined ? "added" : "changed";
      printer.line(`Store ${wanted.id} ${what}${token === "" ? "; its token is as it was" : ""}: ${address.display}`);
      return 0;
    }),
  );
}

async function checkPlace(db: Database): Promise<void> {
  await checkServer(db);
  const schema = batchOf(1);
  if (!(await isBatchApplied(db, schema)))
    throw new UserError(`Batch 1 has not been applied to this database. Run first: ${commandOf(schema.name)}`);
}

async function readStore(db: Queryable, id: string): Promise<{ has_token: boolean } | undefined> {
  const { rows } = await db.query<{ has_token: boolean }>(
    "select btrim(concat(chat_api_token, api_token)) <> '' as has_token from stores where id = $1",
    [id],
  );
  return rows[0];
}

/** The new token; "" where the present one stays. */
async function readNewToken(env: NodeJS.ProcessEnv, id: string, hasOne: boolean): Promise<string> {
  const given = (env.STORE_TOKEN ?? "").trim();
  const token = given === "" && process.stdin.isTTY ? await askSecret(`Token of store ${id} (not shown): `) : given;
  keepSecret(token);
  if (token === "" && !hasOne)
    throw new UserError("A store needs a token: type it where it is asked for, or set STORE_TOKEN.");
  if (/[^\x21-\x7e]/.test(token))
    throw new UserError("A token holds no blanks and no letters beyond ASCII; this one does.");
  return token;
}

/** What the token says about itself; nothing is asked. */
function describe(text: string, printer: Printer): void {
  const token = readToken(text);
  printer.line(`  ${describeToken(token)}`);
  const refusal = refusalOf(token);
  if (refusal !== undefined) printer.line(printer.colour.yellow(`  ? ${refusal}: a sync of this store will fail`));
}

/** Another token has a pace of its own: what the old one had to wait for is forgotten. */
async function save(db: Queryable, { id, name, owner }: Wanted, token: string): Promise<void> {
  await db.query(
    `insert into stores as s (id, name, owner_id, chat_api_token)
     values ($1, coalesce($2, $1), $3, nullif($4, ''))
         on conflict (id)
  do update set name = coalesce($2, s.name),
                owner_id = coalesce($3, s.owner_id),
                chat_api_token = coalesce(nullif($4, ''), s.chat_api_token),
                next_request_at = case when $4 in ('', s.chat_api_token) then s.next_request_at end`,
    [id, name ?? null, owner ?? null, token],
  );
}

/** Runs the script as its command line says; returns the exit code. */
export const addStore = (argv: readonly string[]): Promise<number> =>
  runCommand(COMMAND, argv, ({ name, owner }, [id = ""]) => add({ id, name: textOf(name), owner: textOf(owner) }));

const textOf = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));

if (isStarted(import.meta)) process.exitCode = await addStore(process.argv.slice(2));
