/** What a run leaves, told so that it does not matter in how many runs it was done; and how two such states differ. */
import type { TestDatabase } from "../helpers/database.ts";

/** Rows as text, by table and then by what identifies them. */
export type State = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Rows of the second state that are lost, too many, or not the same, each as `table id`. */
export interface Difference {
  readonly lost: string[];
  readonly duplicated: string[];
  readonly different: string[];
}

/** What tells nothing about the outcome, or is told in another way below. */
const TOLD_OTHERWISE = ["migration_effects", "migration_errors"];

/** Of each row that was not made here, how it was before the first run, and what the last one left. */
const EFFECTS = `
  select format('%s %s', table_name, row_id) as key,
         case when bool_or(action = 'insert') then 'insert'
              else format('%s -> %s', (array_agg(before order by id))[1], (array_agg(hash order by id desc))[1])
         end as text
    from migration_effects
group by table_name, row_id`;

const ERRORS =
  "select item_key as key, format('%s %s', code, message) as text from migration_errors where resolved_at is null";

/** Every table's rows, quarantine and effects included. */
export async function stateOf(db: Pick<TestDatabase, "query" | "snapshot">): Promise<State> {
  const state = new Map<string, Map<string, string>>();
  for (const [table, rows] of Object.entries(await db.snapshot({ tables: TOLD_OTHERWISE })))
    state.set(table, new Map(rows.map((row) => [(JSON.parse(row) as { id?: string }).id ?? row, row])));
  for (const [table, sql] of Object.entries({ migration_effects: EFFECTS, migration_errors: ERRORS })) {
    const { rows } = await db.query<{ key: string; text: string }>(sql);
    state.set(table, new Map(rows.map(({ key, text }) => [key, text])));
  }
  return state;
}

/** How `found` differs from `expected`. */
export function differenceOf(expected: State, found: State): Difference {
  const difference: Difference = { lost: [], duplicated: [], different: [] };
  for (const table of new Set([...expected.keys(), ...found.keys()])) {
    const [wanted, there] = [expected.get(table) ?? new Map(), found.get(table) ?? new Map()];
    for (const [key, row] of wanted) {
      if (!there.has(key)) difference.lost.push(`${table} ${key}`);
      else if (there.get(key) !== row) difference.different.push(`${table} ${key}`);
    }
    for (const key of there.keys()) if (!wanted.has(key)) difference.duplicated.push(`${table} ${key}`);
  }
  return difference;
}

export const NONE: Difference = { lost: [], duplicated: [], different: [] };

/** What must not be left when the last run has ended: open runs, checkpoints, runs without their one Audit row. */
export async function leftoversOf(db: Pick<TestDatabase, "query">): Promise<string[]> {
  const { rows } = await db.query<{ leftover: string }>(
    `select format('run %s is %s', id, status) as leftover
       from migration_runs
      where status = 'running'
      union all
     select format('checkpoint %s of run %s', partition, run_id)
       from migration_checkpoints
      union all
     select format('run %s has %s Audit rows', r.id, count(a.id))
       from migration_runs r
       left join "Audit" a on a.actor = 'system' and a.lead_id is null and a.payload ->> 'runId' = r.id::text
   group by r.id
     having count(a.id) <> 1`,
  );
  return rows.map(({ leftover }) => leftover);
}
