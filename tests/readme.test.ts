/**
 * README is run from top to bottom against a database made for it: each line of its `sh` blocks as a person would type it, each
 * `sql` block as a query. Only the block that a set-up comment marks is left out. A `psql … -f FILE` goes through psql where there is
 * one, else through our own runner of such files, which is shown to do the same in sql-script.test.ts.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { BATCHES } from "../scripts/lib/batches.ts";
import { parseAddress } from "../scripts/lib/db/address.ts";
import { openConnection } from "../scripts/lib/db/database.ts";
import { runSqlScript } from "../scripts/lib/sql-script.ts";
import { useDatabase } from "./helpers/database.ts";
import { anchorsIn, type Block, blocksOf, linesOf, linksIn, npmScriptsIn, optionsIn } from "./helpers/readme.ts";
import { batchOfScript, everyOption, helpOf, optionsOf, shell } from "./helpers/scripts.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];
const SQL_FILE = /^(?:PGOPTIONS='-c (?<setting>[\w.]+)=(?<value>\w+)' )?psql "\$DATABASE_URL" -f (?<path>\S+)$/;
const HAS_PSQL = spawnSync("psql", ["--version"]).error === undefined;

/** What README calls run 12. */
const EXAMPLE_RUN = "backfill.run_id=12";
const RUN_OF_BATCH_4 =
  "select max(id)::text as id from migration_runs where script = 'backfill-conversations-messages'";

const read = (path: string): Promise<string> => readFile(join(ROOT, path), "utf8");

let readme: string;
beforeAll(async () => {
  readme = await read("README.md");
});

describe("README", () => {
  const db = useDatabase({ empty: true });

  test("does what it says, from top to bottom", async () => {
    const documents: object[] = [];
    for (const block of blocksOf(readme)) {
      if (block.isSetUp) continue;
      if (block.language === "sh")
        for (const line of linesOf(block)) documents.push(...documentsIn(await type(await withRealRun(line))));
      if (block.language === "sql") await search(block);
    }
    expect(await db.query(`select from pg_class where relname in ('Customer', 'migration_runs')`)).toMatchObject({
      rowCount: 0,
    });
    const [sample] = blocksOf(readme).filter(({ language }) => language === "json");
    expect(documents.map(shapeOf)).toEqual([shapeOf(JSON.parse(sample?.text ?? ""))]);
  }, 180_000);

  /** Types a line at a shell; fails unless it exits 0. Returns what stood on standard output. */
  async function type(line: string): Promise<string> {
    const { setting, value, path } = SQL_FILE.exec(line)?.groups ?? {};
    if (path !== undefined && !HAS_PSQL) {
      await runSqlScript(
        parseAddress(db.url),
        join(ROOT, path),
        setting ? { settings: { [setting]: value ?? "" } } : {},
      );
      return "";
    }
    const { code, out, all } = await shell(line, { DATABASE_URL: db.url, DIRECT_URL: "" });
    if (code !== 0) throw new Error(`${line}\nexit ${code}\n${all}`);
    return out;
  }

  async function withRealRun(line: string): Promise<string> {
    if (!line.includes(EXAMPLE_RUN)) return line;
    const { rows } = await db.query<{ id: string }>(RUN_OF_BATCH_4);
    return line.replace(EXAMPLE_RUN, `backfill.run_id=${rows[0]?.id}`);
  }

  /** Queries with full-text search find something, also where only Russian texts would do; nothing of that stays. */
  async function search({ text }: Block): Promise<void> {
    const connection = await openConnection(db.address);
    try {
      await connection.query("begin");
      await connection.query(
        `with talk as (insert into "Conversation" (channel) values ('other') returning id)
         insert into "Message" (conversation_id, role, content)
         select id, 'user', 'Где мой заказ? Доставка обещана на сегодня.' from talk`,
      );
      const { rowCount } = await connection.query(text);
      if (text.includes("websearch_to_tsquery")) expect(rowCount).toBeGreaterThan(0);
      await connection.query("rollback");
    } finally {
      await connection.end();
    }
  }
});

/** The JSON documents on standard output: people's lines are not JSON. */
const documentsIn = (out: string): object[] =>
  out
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));

/** The names of everything in a document, without the values. */
const shapeOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]))
    : "a value";

describe("The pages that people read", () => {
  let known: Set<string>;
  beforeAll(async () => {
    known = await everyOption();
  }, 120_000);

  test("README explains every option of every batch", async () => {
    for (const entry of BATCHES) {
      const options = optionsOf(await helpOf(await batchOfScript(entry)));
      expect(options.filter((option) => !optionsIn(readme).includes(option))).toEqual([]);
    }
  });

  test.each(PAGES)("%s names only options, npm scripts and files that exist", async (path) => {
    const page = await read(path);
    const { scripts } = JSON.parse(await read("package.json"));
    expect(optionsIn(page).filter((option) => !known.has(option))).toEqual([]);
    expect(npmScriptsIn(page).filter((name) => !(name in scripts))).toEqual([]);
    const [anchors, files] = [linksIn(page).filter(isAnchor), linksIn(page).filter((link) => !isAnchor(link))];
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expect(anchors.filter((anchor) => !anchorsIn(page).includes(anchor.slice(1)))).toEqual([]);
  });

  test("a page that names what isn't there is found out", () => {
    const page =
      "# A b\n`--no-such` <!-- --hidden --> `npm run nothing` `npm test` [a](#a-b) [b](nowhere.md) [c](https://x.y)";
    expect(optionsIn(page)).toEqual(["no-such"]);
    expect(npmScriptsIn(page)).toEqual(["nothing", "test"]);
    expect(linksIn(page)).toEqual(["#a-b", "nowhere.md"]);
    expect(anchorsIn(page)).toEqual(["a-b"]);
  });
});

const isAnchor = (link: string): boolean => link.startsWith("#");
