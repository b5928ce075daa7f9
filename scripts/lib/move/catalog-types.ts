/**
 * What a schema is made of, as one source or target shows it. Names are as the catalog has them, unquoted; definitions are SQL,
 * written as a session reads them whose search_path is the schema itself, so that they mean the same in a schema of another name.
 */

export interface Column {
  readonly name: string;
  /** As `format_type` writes it; types of the moved schema without its name. */
  readonly type: string;
  /** Of the element, where it is an array. A multirange counts as a range. */
  readonly kind: "base" | "enum" | "domain" | "composite" | "range";
  readonly isArray: boolean;
  /** Also of a domain over one of them; null for an array of them. */
  readonly json: "json" | "jsonb" | null;
  readonly notNull: boolean;
  readonly default: string | null;
  readonly identity: "always" | "by default" | null;
  /** The expression of a generated column. */
  readonly generated: string | null;
  /** Where it is not its type's own: `"C"`. Quoted. */
  readonly collation?: string | null;
  readonly comment: string | null;
}

export interface Constraint {
  readonly name: string;
  readonly kind: "primary" | "unique" | "foreign" | "check" | "exclude";
  /** In the constraint's own order; of a foreign key, the referring ones. */
  readonly columns: readonly string[];
  /** What stands after `add constraint <name>`. */
  readonly definition: string;
  readonly references?: { readonly schema: string; readonly table: string; readonly columns: readonly string[] };
  readonly comment?: string | null;
}

export interface Index {
  readonly name: string;
  /** A whole `create index`. */
  readonly definition: string;
  readonly unique: boolean;
  readonly comment?: string | null;
}

export interface Trigger {
  readonly name: string;
  /** A whole `create trigger`; behind it, where it does not always fire, what makes it so. */
  readonly definition: string;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly constraints: readonly Constraint[];
  /** Those that no constraint stands for. */
  readonly indexes: readonly Index[];
  readonly triggers: readonly Trigger[];
  readonly rowSecurity: boolean;
  /** A crash empties it. */
  readonly unlogged?: boolean;
  /** By name. */
  readonly policies: readonly string[];
  readonly comment: string | null;
  /** Its storage parameters: `fillfactor=70`. */
  readonly parameters?: readonly string[];
  /** Tables that inherit from it, and whose rows it shows as its own; not partitions. */
  readonly heirs?: readonly string[];
  readonly estimatedRows: number;
  /** With its indexes and what is stored out of line. */
  readonly bytes: number;
}

export interface NamedType {
  readonly name: string;
  readonly kind: "enum" | "domain" | "composite" | "range";
  /** What stands after `create type <name>`, or `create domain <name>`. */
  readonly definition: string;
  /** Others of the schema that it is made of. */
  readonly needs?: readonly string[];
  readonly comment?: string | null;
}

export interface Sequence {
  readonly name: string;
  readonly type: string;
  /** The column that it serves, by identity too: what `identity` says of that column tells which. */
  readonly ownedBy: { readonly table: string; readonly column: string } | null;
  /** Its options: `increment by 1 minvalue 1 …`. */
  readonly definition: string;
  /** The last value that it gave, as text; null where it gave none, or where that can't be seen. */
  readonly last?: string | null;
  readonly comment?: string | null;
}

export interface NamedFunction {
  readonly name: string;
  /** A whole `create or replace function`, without the schema's name where it begins; its body is as somebody wrote it. */
  readonly definition: string;
  /** A default, a check, a generated column, an index or a domain calls it: a table can't be made without it. */
  readonly needed?: boolean;
}

export interface Catalog {
  readonly schema: string;
  /** By name; a partitioned table is one, its partitions none. */
  readonly tables: readonly Table[];
  /** Each after those that it is made of. */
  readonly types: readonly NamedType[];
  readonly sequences: readonly Sequence[];
  readonly functions: readonly NamedFunction[];
  /** Installed ones, without plpgsql. */
  readonly extensions: readonly string[];
  /** Those that hold rights on the tables, or are named in policies. */
  readonly roles: readonly string[];
  /** What else is there and is not described above, one line each: `view active_clients`. */
  readonly leftBehind?: readonly string[];
  /** False where the source shows only a part of it, as PostgREST does. */
  readonly complete: boolean;
}

/** A row's primary key as PostgreSQL writes each column, in the key's order. */
export type Key = readonly string[];

/** A table's rows after one key, up to another (included); an end that is null is open. */
export interface KeyRange {
  readonly table: string;
  readonly after: Key | null;
  readonly until: Key | null;
  /** Of these, only rows of which one of the times is as late, or later. */
  readonly since?: Since | undefined;
}

/** A point in time as PostgreSQL writes it, and the columns that are compared with it; a null is never late enough. */
export interface Since {
  readonly columns: readonly string[];
  readonly from: string;
}

/** The columns of a table's primary key, in its order; empty where it has none. */
export const keyOf = (table: Table): readonly string[] =>
  table.constraints.find(({ kind }) => kind === "primary")?.columns ?? [];
