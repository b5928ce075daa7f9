/**
 * Batch 10 on two databases of the embedded server: a salon's business data moves into schema `salon`, beside the suite's own
 * tables, while the WhatsApp sessions that stand there stay as they are. Makes both databases anew and leaves them to be looked at.
 * Ignores DATABASE_URL, SOURCE_DATABASE_URL and .env. Exits 1 where anything is not as it should be.
 */
import { runCommand } from "./lib/cli/command.ts";
import { withDatabase } from "./lib/db/database.ts";
import { makePreserved, makeSalon, PRESERVED_ROWS, SALON_ROWS } from "./lib/demo/salon.ts";
import { type Act, playOn, run, type Stage, tryToRun, verify } from "./lib/demo/stage.ts";
import { RunFailed } from "./lib/errors.ts";
import { isStarted } from "./lib/main.ts";
import createSchema from "./migrations/create-schema.ts";
import migrateBusinessData from "./migrations/migrate-business-data.ts";

const DATABASE = "crm_move_demo";
const SOURCE = "crm_move_demo_source";
const SCHEMA = "salon";

const COMMAND = {
  name: "npm run demo:move",
  usage: `$0\n\nMoves a made-up salon from the database ${SOURCE} into ${DATABASE}; makes both anew.`,
  options: {},
} as const;

const PRESERVED = Object.keys(PRESERVED_ROWS);
const ARGS = ["--target-schema", SCHEMA, "--preserve", PRESERVED.join(",")];

const move = (stage: Stage, ...argv: string[]) => run(stage, migrateBusinessData, ...argv, ...ARGS);

const ACTS: readonly Act[] = [
  ["Schema", (stage) => run(stage, createSchema)],
  ["A salon at the source; WhatsApp sessions that are to stay in the target", fill],
  ["A rehearsal of everything", (stage) => move(stage, "--dry-run")],
  ["Everything in order: plan, schema, copy, verify, sync", moveAll],
  ["Somebody changes a row by one microsecond: verify must find it", damage],
  ["Meanwhile the salon has gone on: sync, and what it mends", bringUpToDate],
  ["Verify again", (stage) => move(stage, "verify")],
  ["Checks", verify],
];

const demo = async (): Promise<number> => {
  const { env } = process;
  try {
    return await playOn(DATABASE, "demo-move", ACTS, SOURCE);
  } finally {
    process.env = env;
  }
};

async function fill({ other, db, printer }: Stage): Promise<void> {
  if (other === undefined) throw new Error("The demo has no source.");
  const { host, port, user } = other.client;
  const url = `postgresql://${user}@${host}:${port}/${SOURCE}`;
  process.env = { ...process.env, SOURCE_DATABASE_URL: url, SUPABASE_URL: "", SUPABASE_SERVICE_ROLE_KEY: "" };
  await withDatabase(other, { max: 1 }, (source) => makeSalon(source));
  await makePreserved(db, SCHEMA);
  printer.line(`${rowsIn(SALON_ROWS)} rows in ${Object.keys(SALON_ROWS).length} tables at the source`);
  printer.line(`${rowsIn(PRESERVED_ROWS)} rows in ${PRESERVED.join(" and ")} of the target`);
}

async function moveAll(stage: Stage): Promise<void> {
  const { rowsInserted, tablesVerified, differences } = await move(stage);
  const wanted = { rowsInserted: rowsIn(SALON_ROWS), tablesVerified: Object.keys(SALON_ROWS).length, differences: 0 };
  expectEqual({ rowsInserted, tablesVerified, differences }, wanted);
}

async function damage(stage: Stage): Promise<void> {
  await stage.db.query(
    `update ${SCHEMA}.clients set created_at = created_at + interval '1 microsecond' where id = (select min(id) from ${SCHEMA}.clients)`,
  );
  const { exitCode, document } = await tryToRun(stage, migrateBusinessData, "verify", ...ARGS);
  expectEqual({ exitCode, differences: document.stats.differences }, { exitCode: 1, differences: 1 });
  stage.printer.line("It found it, and named the row and its column.");
}

async function bringUpToDate(stage: Stage): Promise<void> {
  const { other } = stage;
  if (other === undefined) throw new Error("The demo has no source.");
  await withDatabase(other, { max: 1 }, (source) =>
    source.query(
      `update services set price_min = price_min + 100, updated_at = now() where id <= 3;
       insert into messages (company_id, client_phone, direction, content) values (1, '+79990000000', 'incoming', 'See you at ten');
       delete from actions where id = (select id from actions order by id limit 1)`,
    ),
  );
  const { rowsInserted, rowsUpdated, rowsDeleted } = await move(stage, "sync", "--delete-missing");
  // Three prices, and the row that was changed by hand.
  expectEqual({ rowsInserted, rowsUpdated, rowsDeleted }, { rowsInserted: 1, rowsUpdated: 4, rowsDeleted: 1 });
}

const rowsIn = (tables: Readonly<Record<string, number>>): number =>
  Object.values(tables).reduce((sum, rows) => sum + rows, 0);

function expectEqual(seen: object, wanted: object): void {
  const [is, should] = [seen, wanted].map((one) => JSON.stringify(one));
  if (is !== should) throw new RunFailed(`Expected ${should}, and saw ${is}.`);
}

if (isStarted(import.meta)) process.exitCode = await runCommand(COMMAND, process.argv.slice(2), demo);
