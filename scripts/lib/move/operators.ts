import { readSql } from "../sql-file.ts";

/**
 * For the rest of a transaction, extensions are found also where the session would not look, behind all else: a key of such a type as
 * ltree can't be compared otherwise, and one of citext would be compared as text.
 */
export const FIND_OPERATORS = readSql(new URL("operators.sql", import.meta.url));
