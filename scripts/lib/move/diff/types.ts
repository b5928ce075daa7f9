/** What becomes of a value of one type in a column of another. */
import type { Catalog, Column } from "../catalog-types.ts";
import type { Effect } from "./difference.ts";

interface Shape {
  readonly base: string;
  /** What stands in brackets: a length, or precision and scale. */
  readonly limits: readonly number[];
}

const WHOLE_NUMBERS = ["smallint", "integer", "bigint"];
const TIMES = [
  "timestamp without time zone",
  "timestamp with time zone",
  "time without time zone",
  "time with time zone",
  "interval",
];
const MOST_TIME_DIGITS = 6;
const NO_LIMIT = Number.POSITIVE_INFINITY;
/** All that a JSON document, an enum's label or a number is written with fits into one of these. */
const TEXTS = ["text", "character varying"];

/** What becomes of a column's values. Undefined where they are of one type, as far as the source shows. */
export function compareColumns(
  column: Column,
  other: Column,
  { source, target }: { readonly source: Catalog; readonly target: Catalog },
): Effect | undefined {
  if (column.type === other.type) return undefined;
  const shown = source.complete ? (it: Column) => it : asShown;
  const effect = compareTypes(shown(underneath(column, source)), shown(underneath(other, target)));
  if (effect !== undefined || !source.complete) return effect;
  // One of the two, or both, are domains over one type.
  return other.kind === "domain" ? "refuses" : "differs";
}

/** A domain's values are those of the type that it is over. */
function underneath(column: Column, catalog: Catalog): Column {
  const [, element = "", brackets = ""] = /^(.*?)((?:\[\])*)$/.exec(column.type) ?? [];
  const domain = catalog.types.find(({ kind, name }) => kind === "domain" && element.replaceAll('"', "") === name);
  if (domain === undefined) return column;
  const base = /^as (.*?)(?= collate | default | not null| constraint |$)/.exec(domain.definition)?.[1] ?? element;
  return underneath({ ...column, type: `${base}${brackets}`, kind: "base" }, catalog);
}

/**
 * PostgREST tells neither a number's or a time's precision, nor how long a whole number is, nor how long an array's texts may be. Of an
 * extension's type it tells the schema, which may be another one here.
 */
function asShown(column: Column): Column {
  const type = column.type.replace(/^smallint\b/, "integer").replace(/^("([^"]|"")+"|\w+)\./, "");
  const limited = !column.isArray && type.startsWith("character varying");
  return { ...column, type: limited ? type : type.replace(/\s*\([-\d, ]+\)/, "") };
}

/** Undefined where both are one type. A value that the target refuses is left behind: that is a loss too. */
function compareTypes(from: Column, to: Column): Effect | undefined {
  if (from.type === to.type) return undefined;
  if (from.isArray !== to.isArray) return "loses";
  const [own, other] = [shapeOf(from.type), shapeOf(to.type)];
  if (own.base === other.base) return withinLimits(own, other) ? "differs" : "loses";
  return widens(own, other, from) ? "differs" : "loses";
}

/** `timestamp(3) without time zone[]` → timestamp without time zone, 3. */
function shapeOf(type: string): Shape {
  const element = type.replace(/(\[\])+$/, "");
  const limits = /\(([-\d, ]+)\)/.exec(element)?.[1] ?? "";
  return {
    base: element.replace(/\([-\d, ]+\)/, ""),
    limits: limits === "" ? [] : limits.split(",").map(Number),
  };
}

function withinLimits({ base, limits: from }: Shape, { limits: to }: Shape): boolean {
  if (to.length === 0) return true;
  if (base === "numeric") {
    const [precision = NO_LIMIT, scale = from.length === 1 ? 0 : NO_LIMIT] = from;
    const [most = 0, digits = 0] = to;
    return scale <= digits && precision - scale <= most - digits;
  }
  const most = to[0] ?? NO_LIMIT;
  if (base === "bit") return from[0] === most;
  return (from[0] ?? (TIMES.includes(base) ? MOST_TIME_DIGITS : NO_LIMIT)) <= most;
}

function widens(from: Shape, to: Shape, { kind }: Column): boolean {
  if (WHOLE_NUMBERS.includes(from.base)) {
    if (WHOLE_NUMBERS.includes(to.base)) return WHOLE_NUMBERS.indexOf(from.base) < WHOLE_NUMBERS.indexOf(to.base);
    if (to.base === "numeric" && to.limits.length === 0) return true;
  }
  if (from.base === "character varying" && to.base === "character varying") return withinLimits(from, to);
  if (TEXTS.includes(to.base) && kind !== "composite") {
    const isText = TEXTS.includes(from.base);
    return to.limits.length === 0 || (isText && withinLimits({ ...from, base: to.base }, to));
  }
  return (from.base === "jsonb" && to.base === "json") || (from.base === "real" && to.base === "double precision");
}
