import { expect, test } from "@jest/globals";
import { parseAddress } from "../../scripts/lib/db/address.ts";
import { useDatabase } from "../helpers/database.ts";
import { randomOf } from "../helpers/hostile.ts";
import { runInProcess } from "../helpers/script.ts";
import { type Cut, startCuttingProxy } from "./cutting-proxy.ts";
import { differenceOf, leftoversOf, NONE, stateOf } from "./final-state.ts";
import { CONVERSATIONS, CUSTOMERS, type Subject } from "./subjects.ts";
import { terminateAtRandom } from "./terminate.ts";

const SUBJECTS = [CONVERSATIONS, CUSTOMERS].map((subject) => ({ name: subject.name, subject }));
const CUTS: readonly Cut[] = ["before", "sent", "answered"];

const calm = useDatabase();
const db = useDatabase();

/** Fills both databases, and runs the batch on the one where nothing happens. */
async function undisturbed({ fill, batch }: Subject) {
  await Promise.all([fill(calm, 3), fill(db, 3)]);
  return runInProcess(batch, calm, ["--workers", "1"]);
}

async function expectSameState() {
  expect(differenceOf(await stateOf(calm), await stateOf(db))).toEqual(NONE);
  expect(await leftoversOf(db)).toEqual([]);
}

test.each(SUBJECTS)(
  "$name goes on where its connections are cut in every fourth commit, and counts each row once",
  async ({ subject }) => {
    const { document, exitCode } = await undisturbed(subject);
    let commits = 0;
    const proxy = await startCuttingProxy(db.url, () => {
      commits += 1;
      return commits % 4 === 0 ? CUTS[(commits / 4) % CUTS.length] : undefined;
    });
    const through = { address: parseAddress(proxy.url) };
    const run = await runInProcess(subject.batch, through, subject.argv).finally(proxy.close);
    for (const cut of CUTS) expect(proxy.cuts.filter((other) => other === cut).length).toBeGreaterThan(2);
    expect(run.document.message).toBeUndefined();
    expect(run.exitCode).toBe(exitCode);
    expect(run.document.stats).toEqual(document.stats);
    await expectSameState();
  },
);

test.each(SUBJECTS)("$name goes on where its connections are terminated at random moments", async ({ subject }) => {
  const { exitCode } = await undisturbed(subject);
  const random = randomOf(3);
  const stop = terminateAtRandom(db, random);
  const ended: number[] = [];
  // Where the lock's connection was hit, the run ends, and the same command goes on.
  do ended.push((await runInProcess(subject.batch, db, subject.argv)).exitCode);
  while (ended.length < 10 && (await db.query("select from migration_checkpoints")).rows.length > 0);
  const hits = await stop();
  expect(hits).toBeGreaterThan(3);
  expect(ended.at(-1)).toBe(exitCode);
  await expectSameState();
});
