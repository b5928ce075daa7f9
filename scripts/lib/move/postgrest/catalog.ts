/** The tables that PostgREST describes: enough to compare with the target's and to page through, not to make them anew. */
import { z } from "zod";
import { RunFailed } from "../../errors.ts";
import type { Catalog, Column, Constraint, NamedType, Table } from "../catalog-types.ts";
import type { Client } from "./client.ts";
import { nameIn } from "./query.ts";

const DEFAULT_SCHEMA = "public";

const PROPERTY = z.looseObject({
  format: z.string().default("text"),
  description: z.string().optional(),
  maxLength: z.number().optional(),
  enum: z.array(z.string()).optional(),
});

const DESCRIPTION = z.looseObject({
  swagger: z.string(),
  paths: z.record(z.string(), z.looseObject({})).default({}),
  definitions: z
    .record(
      z.string(),
      z.looseObject({
        description: z.string().optional(),
        required: z.array(z.string()).default([]),
        properties: z.record(z.string(), PROPERTY).default({}),
      }),
    )
    .default({}),
});

type Description = z.infer<typeof DESCRIPTION>;
type Property = z.infer<typeof PROPERTY>;
type Definition = Description["definitions"][string];

/** OpenAPI's names for what it tells apart by width only. */
const TYPES: Readonly<Record<string, string>> = { int32: "integer", int64: "bigint" };

/** What PostgREST adds to a column's comment; the tags in it are meant for programs. */
const NOTE = /(?:^|\n\n)Note:\n[\s\S]*$/;
const PRIMARY = /<pk\/>/;
const REFERENCE = /<fk table='(.*?)' column='(.*?)'\/>/;

/** Throws RunFailed where the root is no such description. */
export async function readCatalog(client: Client, schema = DEFAULT_SCHEMA): Promise<Catalog> {
  const read = DESCRIPTION.safeParse(await client.description());
  if (!read.success) throw new RunFailed("PostgREST's root is no OpenAPI description. Check SUPABASE_URL.");
  const described = Object.entries(read.data.definitions).sort(([a], [b]) => (a < b ? -1 : 1));
  const definitions = described.filter(([name]) => !isView(read.data, name));
  const views = described.filter(([name]) => isView(read.data, name));
  const tables: Table[] = [];
  for (const [name, definition] of definitions) tables.push(await tableOf(client, schema, name, definition));
  return {
    schema,
    tables,
    types: enumsOf(schema, definitions),
    sequences: [],
    functions: [],
    extensions: [],
    roles: [],
    leftBehind: views.map(([name]) => `view ${name}`),
    complete: false,
  };
}

/** What can't be written to is no table. A simple view can be, and is not told from one. */
const isView = ({ paths }: Description, name: string): boolean => {
  const path = paths[`/${name}`];
  return path !== undefined && !["post", "patch", "delete"].some((method) => method in path);
};

async function tableOf(client: Client, schema: string, name: string, definition: Definition): Promise<Table> {
  const properties = Object.entries(definition.properties);
  const columns = properties.map(([column, property]) => columnOf(schema, column, property, definition.required));
  return {
    name,
    columns,
    constraints: [...primaryOf(name, properties), ...referencesOf(schema, name, properties)],
    indexes: [],
    triggers: [],
    rowSecurity: false,
    policies: [],
    comment: definition.description ?? null,
    estimatedRows: await estimate(client, name, columns),
    bytes: 0,
  };
}

async function estimate(client: Client, table: string, [first]: readonly Column[]): Promise<number> {
  if (first === undefined) return 0;
  return (await client.rows(table, { select: nameIn(first.name), limit: 1, count: "estimated" })).total ?? 0;
}

function columnOf(schema: string, name: string, property: Property, required: readonly string[]): Column {
  const full = (TYPES[property.format] ?? property.format).replace(`${schema}.`, "");
  const isArray = full.endsWith("[]");
  const json = full === "json" || full === "jsonb" ? full : null;
  const length = property.maxLength === undefined || isArray ? "" : `(${property.maxLength})`;
  return {
    name,
    type: `${full}${length}`,
    kind: property.enum === undefined ? "base" : "enum",
    isArray,
    json,
    notNull: required.includes(name),
    default: null,
    identity: null,
    generated: null,
    comment: property.description?.replace(NOTE, "") || null,
  };
}

const noteOf = ({ description = "" }: Property): string => NOTE.exec(description)?.[0] ?? "";

function primaryOf(table: string, properties: readonly (readonly [string, Property])[]): Constraint[] {
  const columns = properties.filter(([, property]) => PRIMARY.test(noteOf(property))).map(([name]) => name);
  if (columns.length === 0) return [];
  const definition = `primary key (${columns.map((name) => JSON.stringify(name)).join(", ")})`;
  return [{ name: `${table}_pkey`, kind: "primary", columns, definition }];
}

/** Those of one column: others are not shown. */
function referencesOf(
  schema: string,
  table: string,
  properties: readonly (readonly [string, Property])[],
): Constraint[] {
  return properties.flatMap(([column, property]): Constraint[] => {
    const [, to, key] = REFERENCE.exec(noteOf(property)) ?? [];
    if (to === undefined || key === undefined) return [];
    const name = `${table}_${column}_fkey`;
    const definition = `foreign key (${JSON.stringify(column)}) references ${JSON.stringify(to)} (${JSON.stringify(key)})`;
    const references = { schema, table: to, columns: [key] };
    return [{ name, kind: "foreign", columns: [column], definition, references }];
  });
}

function enumsOf(schema: string, definitions: readonly (readonly [string, Definition])[]): NamedType[] {
  const labels = new Map<string, readonly string[]>();
  for (const [, { properties }] of definitions)
    for (const property of Object.values(properties))
      if (property.enum !== undefined) labels.set(property.format.replace(`${schema}.`, ""), property.enum);
  return [...labels].map(([name, values]) => ({
    name: name.replace(/^"(.*)"$/, "$1"),
    kind: "enum",
    definition: `as enum (${values.map((value) => `'${value.replaceAll("'", "''")}'`).join(", ")})`,
  }));
}
