import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { openConnection, withDatabase } from "../../../scripts/lib/db/database.ts";
import { MustWait, RunFailed } from "../../../scripts/lib/errors.ts";
import { buildIndexes } from "../../../scripts/lib/schema/build-indexes.ts";
import { indexState, indexStatements } from "../../../scripts/lib/schema/indexes.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase({ empty: true });

const PEOPLE = "create table people (id int, name text); insert into people values (1, 'a'), (2, 'a');";
const byName = indexStatements("create index if not exists people_name on people (lower(name)) where id > 0;");
const uniqueName = indexStatements("create unique index if not exists people_unique_name on people (name);");

interface Build {
  readonly statements: typeof byName;
  readonly lockTimeout?: string;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
}

/** Builds, and returns what was said. */
const build = ({ statements, lockTimeout, signal = new AbortController().signal, onLine }: Build): Promise<string[]> =>
  withDatabase(db.address, {}, async (database) => {
    const lines: string[] = [];
    const say = (line: string) => {
      lines.push(line);
      onLine?.(line);
    };
    await buildIndexes({ db: database, signal, say }, statements, lockTimeout);
    return lines;
  });

const stateOf = async ([statement]: typeof byName) => statement && (await indexState(db, statement));

/** Holds a snapshot and a row's lock on the table, for which a concurrent build waits, while `work` runs. */
const withOpenWriter = async <T>(work: (commit: () => Promise<unknown>) => Promise<T>): Promise<T> => {
  const writer = await openConnection(db.address);
  try {
    await writer.query("begin; insert into people values (3, 'c');");
    return await work(() => writer.query("commit"));
  } finally {
    await writer.end();
  }
};

test("On a table with rows a missing index is built, once", async () => {
  await db.query(PEOPLE);
  const first = await build({ statements: byName });
  expect(first).toEqual([
    "Building index people_name on people; writers are not blocked.",
    expect.stringMatching(/^Built index people_name in \d+\.\d s\.$/),
  ]);
  expect([await stateOf(byName), await build({ statements: byName })]).toEqual(["valid", []]);
});

test("On an empty table, or one that is not there yet, the file itself makes it", async () => {
  expect(await build({ statements: byName })).toEqual([]);
  await db.query("create table people (id int, name text)");
  expect([await build({ statements: byName }), await stateOf(byName)]).toEqual([[], "missing"]);
});

test("An index that an interrupted build left invalid is built anew", async () => {
  await db.query(PEOPLE);
  const [statement] = uniqueName;
  await expect(db.query(statement?.concurrently ?? "")).rejects.toThrow("could not create unique index");
  expect(await stateOf(uniqueName)).toBe("invalid");
  await db.query("delete from people where id = 2");
  await build({ statements: uniqueName });
  expect(await stateOf(uniqueName)).toBe("valid");
});

test("A build that fails is reported in one line, and leaves no index that would refuse rows", async () => {
  await db.query(PEOPLE);
  const attempt = build({ statements: uniqueName });
  await expect(attempt).rejects.toThrow(RunFailed);
  await expect(attempt).rejects.toThrow(/^Index people_unique_name could not be built: .* \(SQLSTATE 23505\)/);
  expect(await stateOf(uniqueName)).toBe("missing");
});

test("Writers go on while an index is built, and whom the build waits for is said once", async () => {
  await db.query(PEOPLE);
  const lines = await withOpenWriter(async (commit) => {
    let waiting = () => undefined as unknown;
    const reported = new Promise<void>((resolve) => {
      waiting = () => resolve();
    });
    const building = build({ statements: byName, onLine: (line) => line.startsWith("Waiting") && waiting() });
    await reported;
    // The build is under way: a third session still writes.
    await db.query("set lock_timeout = '1s'; insert into people values (4, 'd')");
    await sleep(1_500);
    await commit();
    return building;
  });
  expect(lines.filter((line) => line.startsWith("Waiting"))).toEqual([
    expect.stringMatching(
      /^Waiting for a lock that session \d+ \(crm-migrations, in a transaction since [\d:]+ UTC\) holds\.$/,
    ),
  ]);
  expect([await stateOf(byName), (await db.query("select id from people")).rowCount]).toEqual(["valid", 4]);
});

test("A wait that takes too long ends with exit 75, and the next build succeeds", async () => {
  await db.query(PEOPLE);
  await withOpenWriter(async () => {
    await expect(build({ statements: byName, lockTimeout: "100ms" })).rejects.toThrow(MustWait);
  });
  await build({ statements: byName });
  expect(await stateOf(byName)).toBe("valid");
});

test("An interrupt cancels the build", async () => {
  await db.query(PEOPLE);
  const interrupt = new AbortController();
  const reason = new Error("interrupted");
  await withOpenWriter(async () => {
    const onLine = () => setTimeout(() => interrupt.abort(reason), 200);
    await expect(build({ statements: byName, signal: interrupt.signal, onLine })).rejects.toBe(reason);
  });
  await build({ statements: byName });
  expect(await stateOf(byName)).toBe("valid");
});

test("An index on what its own file makes first is left to the file", async () => {
  await db.query(PEOPLE);
  const statements = indexStatements("create index if not exists people_key on people (not_made_yet(name));");
  expect(await build({ statements })).toContain(
    "Index people_key needs what its own file makes: it is built with the file, and writers wait.",
  );
});
