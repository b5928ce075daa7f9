/** Reads PostgREST's query language as its grammar has it, and writes it as SQL. What it does not know is an error, as there. */
import { quoteName } from "../../../scripts/lib/db/quote.ts";

/** What a request asks of a table, as SQL. */
export interface Select {
  readonly columns: string;
  /** Undefined where every row is meant. */
  readonly where: string | undefined;
  readonly order: string | undefined;
  readonly limit: number | undefined;
  readonly offset: number;
}

/** Status 400, PGRST100. */
export class BadQuery extends Error {}

const OPERATORS: Readonly<Record<string, string>> = {
  eq: "=",
  neq: "<>",
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
}; /** What the SQL calls the table. */
export const TABLE = "source_row";
const PARAMETERS = new Set(["select", "order", "limit", "offset", "and", "or"]);

export function readQuery(query: URLSearchParams): Select {
  const conditions = [...query].flatMap(([name, value]) => {
    if (name === "and" || name === "or") return [new Reader(`${name}${value}`).whole((reader) => reader.condition())];
    if (PARAMETERS.has(name)) return [];
    const column = new Reader(name).whole((reader) => reader.field());
    return [new Reader(value).whole((reader) => reader.comparison(column, false))];
  });
  const order = query.get("order");
  return {
    columns: new Reader(query.get("select") ?? "*").whole((reader) => reader.list(() => reader.item())),
    where: conditions.length === 0 ? undefined : conditions.join(" and "),
    order: order === null ? undefined : new Reader(order).whole((reader) => reader.list(() => reader.term())),
    limit: numberIn(query, "limit"),
    offset: numberIn(query, "offset") ?? 0,
  };
}

function numberIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** Said with its table, as an order would otherwise take the selected text of that name. */
const columnOf = (name: string): string => `${TABLE}.${quoteName(name)}`;

/** Walks along a text. Each of its methods reads one thing of the language, and returns it as SQL. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(read: (reader: this) => string): string {
    const sql = read(this);
    if (this.#at < this.#text.length) this.#fail("the end");
    return sql;
  }

  list(read: () => string): string {
    const items = [read()];
    while (this.#take(/,/y) !== undefined) items.push(read());
    return items.join(", ");
  }

  /** `*`, `name`, `name::type`, `alias:name`. */
  item(): string {
    if (this.#take(/\*/y) !== undefined) return `${TABLE}.*`;
    const first = this.#name();
    const name = this.#take(/:(?!:)/y) === undefined ? undefined : this.#name();
    const cast = this.#take(/::/y) === undefined ? undefined : this.#take(/[\w $]+/y);
    const column = columnOf(name ?? first);
    const value = cast === undefined ? column : `cast(${column} as ${cast})`;
    return name === undefined ? value : `${value} as ${quoteName(first)}`;
  }

  /** `name.asc`, `name.desc`. */
  term(): string {
    const column = this.field();
    return `${column} ${this.#take(/\.(asc|desc)/y)?.slice(1) ?? "asc"}`;
  }

  field(): string {
    return columnOf(this.#name());
  }

  /** `and(…)`, `or(…)`, `not.and(…)`, or a name with an operator and its value. */
  condition(): string {
    const from = this.#at;
    const logic = this.#take(/(not\.)?(and|or)\s*\(/y);
    if (logic === undefined) {
      const column = this.field();
      this.#expect(/\./y, "a dot");
      return this.comparison(column, true);
    }
    const parts = [this.condition()];
    while (this.#take(/,/y) !== undefined) parts.push(this.condition());
    this.#expect(/\)/y, `the end of what begins at ${from}`);
    const all = `(${parts.join(/or\s*\($/.test(logic) ? " or " : " and ")})`;
    return logic.startsWith("not.") ? `not ${all}` : all;
  }

  /** What stands behind a name. Outside of `and` and `or` a value goes to the end, and quotes belong to it. */
  comparison(column: string, inLogic: boolean): string {
    if (this.#take(/not\./y) !== undefined) return `not (${this.comparison(column, inLogic)})`;
    const name = this.#expect(/[a-z]+\./y, "an operator").slice(0, -1);
    if (name === "is") return `${column} is ${this.#expect(/null|true|false|unknown/y, "null")}`;
    if (name === "in") return `${column} in ${this.#values()}`;
    const operator = OPERATORS[name] ?? this.#fail(`an operator instead of ${name}`);
    return `${column} ${operator} ${literal(inLogic ? this.#value() : this.#expect(/[\s\S]*/y, "a value"))}`;
  }

  #values(): string {
    this.#expect(/\(/y, "a list");
    const values = [literal(this.#value())];
    while (this.#take(/,/y) !== undefined) values.push(literal(this.#value()));
    this.#expect(/\)/y, "the list's end");
    return `(${values.join(", ")})`;
  }

  /** In quotes, or up to the next comma or parenthesis. */
  #value(): string {
    return this.#quoted() ?? this.#expect(/[^,)]*/y, "a value");
  }

  #name(): string {
    return this.#quoted() ?? this.#expect(/[\p{L}\p{N}_ $]+(?:-(?!>)[\p{L}\p{N}_ $]+)*/uy, "a name").trim();
  }

  #quoted(): string | undefined {
    return this.#take(/"(?:[^\\"]|\\[\s\S])*"/y)
      ?.slice(1, -1)
      .replace(/\\([\s\S])/g, "$1");
  }

  #expect(pattern: RegExp, what: string): string {
    return this.#take(pattern) ?? this.#fail(what);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    this.#at += found?.length ?? 0;
    return found;
  }

  #fail(expected: string): never {
    throw new BadQuery(`"failed to parse (${this.#text})" (column ${this.#at + 1}): expecting ${expected}`);
  }
}
