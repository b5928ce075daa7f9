/** Ctrl-C, wherever it comes: nothing is begun after it. */
import { expect, test } from "@jest/globals";
import pg from "pg";
import { makeSalon } from "../../helpers/salon.ts";
import { startFile, until } from "../../helpers/script.ts";
import { LONG_MS, NAME, SCHEMA, useMove } from "./bed.ts";

const { source, target, rowsIn } = useMove();

test.each([[[]], [["schema"]]])(
  "While both sides are looked at, it ends with 130, and no table is dropped: %j",
  async (step) => {
    await makeSalon(source);
    await makeSalon(target, SCHEMA);
    const before = await rowsIn();
    const holder = await holdTable("clients");
    const argv = [...step, "--drop-existing", "--all", "--json", "--target-schema", SCHEMA];
    const started = startFile(`scripts/migrations/${NAME}.ts`, argv, { url: target.url });
    await until(holder.isWaitedFor);
    started.signal("SIGINT");
    await until(() => started.output().includes("Stopping after this page"));
    await holder.letGo();
    const { exitCode, json } = await started.ended;
    expect({ exitCode, status: json.status }).toEqual({ exitCode: 130, status: "interrupted" });
    expect(await rowsIn()).toEqual(before);
    expect((await target.query("select from migration_runs")).rowCount).toBe(0);
  },
  LONG_MS,
);

/** Keeps readers of a table of the source waiting. */
async function holdTable(name: string) {
  const holder = new pg.Client(source.url);
  await holder.connect();
  await holder.query(`begin; lock table ${name} in access exclusive mode`);
  const waiting = "select from pg_locks where relation = $1::regclass and not granted";
  return {
    isWaitedFor: async () => ((await source.query(waiting, [name])).rowCount ?? 0) > 0,
    letGo: () => holder.end(),
  };
}
