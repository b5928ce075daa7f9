/** A CRM that was there first, and ways to run the schema batches on a test's database and to look at its catalog. */
import { withDatabase } from "../../scripts/lib/db/database.ts";
import type { Context, PageResult, Schema } from "../../scripts/lib/task.ts";
import type { TestDatabase } from "../helpers/database.ts";

/** Written by hand, as another CRM would have it: other order, more columns, fewer columns, other names of keys. */
export const FOREIGN_CRM = `
  create type "Channel" as enum ('other', 'email', 'sms', 'whatsapp', 'viber', 'telegram', 'instagram', 'messenger',
                                 'webchat', 'freshchat', 'wildberries');
  create table "Lead" (
    created_at timestamptz(3) not null default now(), email varchar(200), phone varchar(40), score int not null,
    id uuid primary key, channel "Channel" not null, name text, messenger_psid text, stage text default 'fresh',
    updated_at timestamptz not null);
  create table "Job" (
    id uuid primary key default gen_random_uuid(), title text not null, status text,
    lead_id uuid not null constraint job_of_lead references "Lead" on delete restrict,
    window_start timestamptz, window_end timestamptz,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now());
  create table "Audit" (
    seq bigint generated always as identity, action text not null, actor text not null, lead_id uuid,
    payload jsonb not null default '{}', created_at timestamptz not null default now(),
    id uuid constraint audit_key primary key default gen_random_uuid());
  create index "Audit_lead_id_created_at_id_idx" on "Audit" (lead_id, created_at, id);
  comment on table "Lead" is 'theirs';
  insert into "Lead" (id, channel, score, phone, updated_at)
  select gen_random_uuid(), 'viber', n, '+1 234 567 89 0' || n, now() from generate_series(1, 5) n;
  insert into "Job" (title, lead_id) select 'visit', id from "Lead";
  insert into "Audit" (action, actor, lead_id, payload) select 'message', 'customer', id, '{"text": "Hello"}' from "Lead";`;

export interface Outcome {
  readonly counts: PageResult;
  readonly lines: readonly string[];
}

/** Plans in READ ONLY transactions, as the runner does, or applies. */
export function perform<Own extends object>(
  db: Pick<TestDatabase, "address">,
  schema: Schema<Own>,
  verb: "plan" | "apply",
  own: Own,
): Promise<Outcome> {
  return withDatabase(db.address, { readOnly: verb === "plan" }, async (database) => {
    const lines: string[] = [];
    const common = { dryRun: verb === "plan", verbose: false, json: false, restart: false, retryErrors: false };
    const context: Context<Own> = {
      db: database,
      options: { ...common, ...own },
      ahead: [],
      runId: null,
      firstRunId: null,
      signal: new AbortController().signal,
      say: (line) => lines.push(line),
      waits: () => undefined,
    };
    return { counts: await schema[verb](context), lines };
  });
}

/** Everything that the schema holds, as sorted lines of text; Prisma's own table aside. */
export async function readCatalog(db: Pick<TestDatabase, "query">): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>(CATALOG);
  return rows.map(({ line }) => line);
}

const CATALOG = `
  with relation as (
    select oid, relname, relkind
      from pg_class
     where relnamespace = 'public'::regnamespace and relname !~ '^_prisma_migrations'
  ), object (line, oid, part) as (
    select format('%s %s', relkind, relname), oid, 0
      from relation
    union all
    select format('column %s.%s %s%s default %s', relname, attname, format_type(atttypid, atttypmod),
                  case when attnotnull then ' not null' end, pg_get_expr(adbin, adrelid)), relation.oid, attnum
      from relation
      join pg_attribute on attrelid = relation.oid and attnum > 0 and not attisdropped
      left join pg_attrdef on adrelid = attrelid and adnum = attnum
     where relkind in ('r', 'v')
    union all
    select format('%s%s', pg_get_indexdef(indexrelid), case when not indisvalid then ' INVALID' end), indexrelid, 0
      from pg_index join relation on indrelid = relation.oid
    union all
    select format('constraint %s on %s %s', conname, relname, pg_get_constraintdef(pg_constraint.oid)), pg_constraint.oid, 0
      from pg_constraint join relation on conrelid = relation.oid
    union all
    select pg_get_viewdef(oid), oid, 0 from relation where relkind = 'v'
    union all
    select pg_get_functiondef(oid), oid, 0 from pg_proc where pronamespace = 'public'::regnamespace
    union all
    select format('enum %s %s', typname, string_agg(enumlabel, ',' order by enumsortorder)), pg_type.oid, 0
      from pg_type join pg_enum on enumtypid = pg_type.oid
     where typnamespace = 'public'::regnamespace group by pg_type.oid, typname)
  select line || coalesce(' -- ' || description, '') as line
    from object left join pg_description on objoid = object.oid and objsubid = part
   order by 1`;
