/** In which of COPY's forms rows go from a server to another. */
import type { Column } from "../catalog-types.ts";

/** Text fits between columns of different types; the binary form costs both servers less. */
export type Form = "text" | "binary";

/** Their binary form has been the same in every version, holds no number of another object, and means the same in every session. */
const PORTABLE =
  /^(boolean|smallint|integer|bigint|real|double precision|numeric|text|character|bytea|uuid|date|time|timestamp|interval|jsonb?|inet|cidr|macaddr|bit)\b/;

/** Binary where all of the columns are of the same types on both sides, and portable. */
export const formOf = (columns: readonly Column[], places: ReadonlyMap<string, Column>): Form =>
  columns.every((column) => isPortable(column) && column.type === places.get(column.name)?.type) ? "binary" : "text";

/** An enum is sent as its label; an array of them also holds the number of its type, which is another one in another database. */
const isPortable = ({ kind, isArray, type }: Column): boolean =>
  kind === "enum" ? !isArray : kind === "base" && PORTABLE.test(type);
