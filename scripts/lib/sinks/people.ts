/** Which customer each person of a page is: one that is there, one that an earlier person of the page makes, or a new one. */
import type { Queryable } from "../db/database.ts";
import { deterministicId } from "../deterministic-id.ts";
import { readSql } from "../sql-file.ts";
import type { Person } from "../thread.ts";
import type { SinkRules } from "./rules.ts";
import type { Seen } from "./seen.ts";

const PEOPLE = readSql(new URL("people.sql", import.meta.url));

/** A row is looked up by its key; lists are joined by hashing, whatever the planner thinks of their length. Holds for the transaction. */
const BY_KEY = "select set_config('enable_seqscan', 'off', true), set_config('enable_nestloop', 'off', true)";

/** A customer as it is needed by a page. */
export interface CustomerRow {
  readonly id: string;
  readonly fresh: boolean;
  /** The key of the person that it is made for. */
  readonly key: string;
  readonly phone: string | undefined;
  name: string | undefined;
}

/** A nick that becomes a customer's. */
export interface NickRow {
  readonly id: string;
  readonly customerId: string;
  readonly nick: string;
}

export interface People {
  readonly customers: ReadonlyMap<string, CustomerRow>;
  readonly nicks: ReadonlyMap<string, NickRow>;
  /** By what is told of a person, the customer's id. */
  readonly idOf: ReadonlyMap<string, string>;
}

/** Keys of conversations in quarantine, and who is there of some people. */
export interface Found {
  readonly refused: ReadonlySet<string>;
  readonly people: ReadonlyMap<string, Whereabouts>;
}

interface Whereabouts {
  readonly byNick: string | null;
  readonly byPhone: string | null;
  readonly byId: string | null;
}

/** Looks people up, and which of these conversations are in quarantine; the first that a page asks. */
export async function lookUp(
  tx: Queryable,
  rules: SinkRules,
  { people, keys }: { readonly people: readonly Person[]; readonly keys: readonly string[] },
): Promise<Found> {
  await tx.query(BY_KEY);
  const asked = people.map((person, n) => ({ n, id: idFor(rules, person), phone: person.phone, nick: person.nick }));
  const { rows } = await tx.query<{
    refused: string[];
    people: [n: number, byNick: string | null, byPhone: string | null, byId: string | null][] | null;
  }>(PEOPLE, [JSON.stringify(asked), rules.refs ?? null, keys, rules.script]);
  const [{ refused, people: found } = { refused: [], people: null }] = rows;
  return {
    refused: new Set(refused),
    people: new Map(
      (found ?? []).flatMap(([n, byNick, byPhone, byId]) => {
        const person = people[n];
        return person === undefined ? [] : [[asTold(person), { byNick, byPhone, byId }] as const];
      }),
    ),
  };
}

/** A source may know more of a person in one place than in another. */
export const asTold = ({ key, phone, nick }: Person): string => JSON.stringify([key, phone, nick]);

const idFor = ({ source }: SinkRules, { key }: Person): string => deterministicId(source, key);

/** What finds a customer that no page has stored yet. */
const keyOf = (by: "nick" | "phone" | "id", value: string): string => deterministicId(`seen by ${by}`, value);

/**
 * Takes people one after the other: by nick, else by phone, else by their own id, as if each were stored before the next. `seen`
 * are those that earlier pages of a dry run would have made.
 */
export function resolvePeople(
  rules: SinkRules,
  people: Iterable<Person>,
  found: Found["people"],
  seen: Seen | undefined,
): People {
  const customers = new Map<string, CustomerRow>();
  const nicks = new Map<string, NickRow>();
  const idOf = new Map<string, string>();
  const here = new Map<string, string>();
  const earlier = (key: string) => here.get(key) ?? seen?.customers.get(key);
  for (const person of people) {
    const { byNick, byPhone, byId } = found.get(asTold(person)) ?? { byNick: null, byPhone: null, byId: null };
    const own = idFor(rules, person);
    const nick = rules.refs === undefined ? undefined : person.nick;
    const named = nick === undefined ? undefined : (byNick ?? earlier(keyOf("nick", nick)));
    const called = person.phone === undefined ? undefined : (byPhone ?? earlier(keyOf("phone", person.phone)));
    const there = named ?? called ?? byId ?? earlier(keyOf("id", own));
    const id = there ?? own;
    idOf.set(asTold(person), id);
    if (there === undefined) {
      here.set(keyOf("id", id), id);
      if (person.phone !== undefined) here.set(keyOf("phone", person.phone), id);
    }
    if (nick !== undefined && named === undefined) {
      here.set(keyOf("nick", nick), id);
      nicks.set(nick, { id: deterministicId(rules.source, `nick/${nick}`), customerId: id, nick });
    }
    const known = customers.get(id);
    const name = person.name === undefined || person.name.trim() === "" ? undefined : person.name;
    if (known === undefined)
      customers.set(id, { id, fresh: there === undefined, key: person.key, phone: person.phone, name });
    else known.name ??= name;
  }
  return { customers, nicks, idOf };
}

/** Lets later pages of a dry run find the customers that a page would have made. */
export function rememberPeople({ customers, nicks }: People, seen: Seen): void {
  for (const { id, fresh, phone } of customers.values()) {
    if (!fresh) continue;
    seen.customers.add(keyOf("id", id), id);
    if (phone !== undefined) seen.customers.add(keyOf("phone", phone), id);
  }
  for (const { nick, customerId } of nicks.values()) seen.customers.add(keyOf("nick", nick), customerId);
}
