import { expect, test } from "@jest/globals";
import { clearCheckpoint, loadCheckpoint, saveCheckpoint, takeLease } from "../../../scripts/lib/journal/checkpoint.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase();

const lease = (runId: number) => ({ script: "a-script", partition: "all", runId });
const BEGIN = { after: null, selection: { actors: "agent" }, firstRunId: 1 };

test("the cursor comes back as it was saved, with the options that it belongs to", async () => {
  await takeLease(db, lease(1), BEGIN);
  const after = {
    id: "9007199254740993",
    createdAt: "2025-01-01 00:00:00.000001+00",
    done: false,
    page: 3,
    mark: null,
  };
  await saveCheckpoint(db, lease(1), after);
  expect(await loadCheckpoint(db, "a-script", "all")).toEqual({ ...BEGIN, after, runId: 1 });
  expect(await loadCheckpoint(db, "a-script", "retry")).toBeUndefined();
  expect(await loadCheckpoint(db, "b-script", "all")).toBeUndefined();
});

test("who has lost the lease can neither save nor clear", async () => {
  await takeLease(db, lease(1), BEGIN);
  await takeLease(db, lease(2), { ...BEGIN, after: { id: "x" } });
  await expect(saveCheckpoint(db, lease(1), { id: "y" })).rejects.toThrow(/Another run has taken over/);
  await clearCheckpoint(db, lease(1));
  expect(await loadCheckpoint(db, "a-script", "all")).toMatchObject({ runId: 2, after: { id: "x" }, firstRunId: 1 });
  await clearCheckpoint(db, lease(2));
  expect(await loadCheckpoint(db, "a-script", "all")).toBeUndefined();
});
