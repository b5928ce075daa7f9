/** What makes a schema, as a list of statements. */

export interface Statement {
  readonly kind:
    | "type"
    | "function"
    | "sequence"
    | "table"
    | "constraint"
    | "index"
    | "comment"
    | "trigger"
    | "foreign key";
  /** Unquoted; of what belongs to a table, with the table before it. */
  readonly name: string;
  /** The table that it belongs to, of a constraint, an index or a trigger. */
  readonly table?: string;
  /** To be run where names without a schema are found in the new one. */
  readonly sql: string;
}

export interface SchemaStatements {
  readonly statements: readonly Statement[];
  /** What is not made, one line each. */
  readonly leftOut: readonly string[];
}
