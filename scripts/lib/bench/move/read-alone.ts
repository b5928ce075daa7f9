/**
 * Reads all rows behind a PostgREST, and throws them away. Started as a process of its own on SUPABASE_URL with the schema and the
 * number of stretches to be read side by side; prints how many rows there were.
 */
import type { KeyRange, Table } from "../../move/catalog-types.ts";
import { openPostgrest } from "../../move/postgrest/source.ts";

/** More than a service gives at a time. */
const MOST_ROWS = 10_000;

const { SUPABASE_URL: url = "", SUPABASE_SERVICE_ROLE_KEY: key = "" } = process.env;
const [schema = "public", readers = "1"] = process.argv.slice(2);
const signal = new AbortController().signal;
const source = await openPostgrest({ url, key, schema, signal, waits: () => undefined });

let rows = 0;
for (const table of (await source.catalog()).tables) {
  const stretches = await divide(table, Number(readers));
  await Promise.all(stretches.map((stretch) => readAll(table, stretch)));
}
await source.close();
process.stdout.write(JSON.stringify({ rows }));

async function divide(table: Table, parts: number): Promise<KeyRange[]> {
  const stretches: KeyRange[] = [{ table: table.name, after: null, until: null }];
  const each = Math.max(MOST_ROWS + 1, Math.ceil((await source.count(table, stretches[0] as KeyRange)) / parts));
  while (stretches.length < parts) {
    const last = stretches.pop() as KeyRange;
    const cut = await source.cut(table, last, each);
    if (cut === undefined || cut.rows < each) return [...stretches, last];
    stretches.push({ ...last, until: cut.until }, { ...last, after: cut.until });
  }
  return stretches;
}

async function readAll(table: Table, stretch: KeyRange): Promise<void> {
  for (let range = stretch; ; ) {
    const cut = await source.cut(table, range, MOST_ROWS);
    if (cut === undefined) return;
    rows += cut.rows;
    range = { ...range, after: cut.until };
  }
}
