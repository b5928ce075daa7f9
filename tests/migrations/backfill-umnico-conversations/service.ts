/** The batch on a stand-in of the service: each test has one of its own, with the dialogs that it needs. */
import { afterEach, beforeEach, expect } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-umnico-conversations.ts";
import { type Asked, rowsOf } from "../../helpers/crm.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { type InProcess, numbersOf, runInProcess } from "../../helpers/script.ts";
import { startUmnico, type Umnico, type UmnicoDialog, type UmnicoMessage } from "../../helpers/stand-ins/umnico.ts";

export { batch };

/** The first message of a dialog, unless a test says otherwise: 10:40 in Moscow. */
const FIRST = Date.UTC(2025, 10, 25, 7, 40);
const MINUTE = 60_000;

/** Gives each test a stand-in, which the batch finds in its environment. Its fields change with each test. */
export function useUmnico(): Umnico {
  let current: Umnico | undefined;
  beforeEach(async () => {
    current = await startUmnico();
    process.env.PLAYWRIGHT_UMNICO_URL = current.url;
  });
  afterEach(async () => {
    delete process.env.PLAYWRIGHT_UMNICO_URL;
    await current?.close();
  });
  return new Proxy({} as Umnico, {
    get: (_, name) => Reflect.get(current ?? {}, name),
    set: (_, name, value) => Reflect.set(current ?? {}, name, value),
  });
}

/** `count` messages, `perMinute` of them in each minute, in turn from them and from us; every fifth is just "ok". */
export const talk = (count: number, { from = FIRST, perMinute = 3 } = {}): UmnicoMessage[] =>
  Array.from({ length: count }, (_, n) => ({
    text: n % 5 === 0 ? "ok" : `text ${n}`,
    at: new Date(from + Math.floor(n / perMinute) * MINUTE).toISOString(),
    direction: n % 2 === 0 ? "incoming" : "outgoing",
  }));

export const dialogOf = (id: string, messages: readonly UmnicoMessage[], more: Partial<UmnicoDialog> = {}) => ({
  id,
  phone: `+995 599 000 ${id.padStart(3, "0")}`,
  messages,
  ...more,
});

/** So many dialogs, with 1 to 40 messages each. */
export const manyDialogs = (count: number): UmnicoDialog[] =>
  Array.from({ length: count }, (_, n) => dialogOf(String(n + 1), talk((n % 40) + 1)));

export const run = (db: TestDatabase, ...argv: string[]): Promise<InProcess> =>
  runInProcess(batch, db, [...(argv.includes("--delay") ? [] : ["--delay", "0"]), ...argv]);

/** A dry run and a run with the same options; the one must foretell the other, and only ask what the other asks. */
export async function runTwice(db: TestDatabase, umnico: Umnico, ...argv: string[]): Promise<InProcess> {
  umnico.asked.length = 0;
  const before = await db.snapshot();
  const dry = await run(db, "--dry-run", ...argv);
  expect(await db.snapshot()).toEqual(before);
  const rehearsed = umnico.asked.splice(0).map(({ method, path }) => `${method} ${path}`);
  const real = await run(db, ...argv);
  expect(sorted(numbersOf(dry))).toEqual(sorted(numbersOf(real)));
  expect(rehearsed).toEqual(umnico.asked.map(({ method, path }) => `${method} ${path}`));
  return real;
}

/** A run lists its errors by their keys, a dry run as they come. */
const sorted = ({ errors, ...numbers }: ReturnType<typeof numbersOf>) => ({
  ...numbers,
  errors: errors.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
});

/** What is stored, in the words of the service: for each dialog its messages in their order. */
export async function storedTalks(db: Asked): Promise<Record<string, [direction: string, text: string, at: string][]>> {
  const { rows } = await db.query<{ id: string; talk: [string, string, string][] | null }>(
    `select c.external_id as id,
            json_agg(json_build_array(case m.role when 'user' then 'incoming' else 'outgoing' end, m.content,
                                      to_char(date_trunc('minute', m.created_at at time zone 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS".000Z"'))
                     order by m.created_at) filter (where m.id is not null) as talk
       from "Conversation" c
       left join "Message" m on m.conversation_id = c.id
   group by c.external_id`,
  );
  return Object.fromEntries(rows.map(({ id, talk: said }) => [id, said ?? []]));
}

/** The same, of the stand-in's dialogs. */
export const talksOf = (dialogs: readonly UmnicoDialog[]) =>
  Object.fromEntries(
    dialogs.map(({ id, messages }) => [
      id,
      messages.map(({ direction = "incoming", text, at }) => [direction, text, at]),
    ]),
  );

export const unresolved = async (db: Asked) =>
  (await rowsOf(db, "migration_errors", "item_key"))
    .filter(({ resolved_at }) => resolved_at === null)
    .map(({ item_key, code, message }) => ({ key: item_key, code, message }));
