/** Constraints, indexes and triggers that only one side has, or that differ under one name. */
import type { Constraint, Table } from "../catalog-types.ts";
import type { Finding } from "./difference.ts";

/** Those of a table. A rule of the target only may refuse rows; names do not matter where the definition is the same. */
export function compareParts(table: Table, there: Table): Finding[] {
  return [
    ...constraintsOnly(table, there).map((part): Finding => ["differs", `${wordsOf(part)} is missing in the target`]),
    ...constraintsOnly(there, table).map((part): Finding => ["refuses", `${wordsOf(part)} is in the target only`]),
    ...indexesOnly(table, there).map(({ name }): Finding => ["differs", `index ${name} is missing in the target`]),
    ...indexesOnly(there, table).map(
      ({ name, unique }): Finding =>
        unique
          ? ["refuses", `unique index ${name} is in the target only`]
          : ["differs", `index ${name} is in the target only`],
    ),
    ...triggersOnly(table, there).map((name): Finding => ["differs", `trigger ${name} is missing in the target`]),
    ...triggersOnly(there, table).map((name): Finding => ["differs", `trigger ${name} is in the target only`]),
  ];
}

const constraintsOnly = (here: Table, there: Table): Constraint[] =>
  here.constraints.filter((part) => there.constraints.every((other) => !isSame(part, other)));

/** A unique constraint does a primary key's work as far as rows are concerned; keys are looked at elsewhere. */
const isSame = (part: Constraint, other: Constraint): boolean =>
  part.kind === other.kind && (part.kind === "primary" || part.definition === other.definition);

const indexesOnly = (here: Table, there: Table): Table["indexes"] =>
  here.indexes.filter((index) => there.indexes.every((other) => meaningOf(index) !== meaningOf(other)));

const triggersOnly = (here: Table, there: Table): string[] =>
  here.triggers.map(({ name }) => name).filter((name) => there.triggers.every((trigger) => trigger.name !== name));

/** Its definition without its name. */
const meaningOf = ({ definition }: Table["indexes"][number]): string =>
  definition.replace(/^(CREATE (?:UNIQUE )?INDEX) .*? (ON (?:ONLY )?)/, "$1 $2");

const wordsOf = ({ kind, name, definition }: Constraint): string =>
  `${kind === "primary" ? "primary key" : kind === "foreign" ? "foreign key" : `${kind} constraint`} ${name} (${definition})`;
