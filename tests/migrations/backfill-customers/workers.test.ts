import { expect, test } from "@jest/globals";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { rollBack } from "../rollback/rollback.ts";
import { addOverlappingCrm } from "./overlapping.ts";
import { inPagesOf } from "./pages.ts";

const db = useDatabase();

const rows = () => db.snapshot({ tables: ["migration_effects"] });

test.each([2, 4])("%d workers link leads and jobs as one does, and count the same", async (workers) => {
  for (let seed = 1; seed <= 6; seed += 1) await addOverlappingCrm(db, seed);
  const alone = await runInProcess(inPagesOf(4), db, ["--workers", "1"]);
  const expected = await rows();
  await rollBack(db, 3);
  const together = await runInProcess(inPagesOf(4), db, ["--workers", String(workers)]);
  expect(numbersOf(together)).toEqual(numbersOf(alone));
  expect(await rows()).toEqual(expected);
  const { rows: parts } = await db.query(
    "select progress -> 'workers' as workers from migration_runs order by id desc",
  );
  expect(parts[0]).toEqual({ workers });
});
