/** What the database alone tells of each batch. */
import { describe, expect, test } from "@jest/globals";
import { BATCHES } from "../../../scripts/lib/batches.ts";
import { readStates } from "../../../scripts/lib/commands/state.ts";
import { useDatabase } from "../../helpers/database.ts";

describe("On an empty database", () => {
  const db = useDatabase({ empty: true });

  test("every batch is pending", async () => {
    const states = await readStates(db);
    expect(states.map(({ entry, state }) => [entry.number, state])).toEqual(
      BATCHES.map(({ number }) => [number, "pending"]),
    );
  });
});

describe("On a database with every folder, as prisma migrate deploy leaves it", () => {
  const db = useDatabase();

  test("only the batches that folders apply are done", async () => {
    const states = await readStates(db);
    for (const { entry, state } of states)
      expect([entry.number, state]).toEqual([entry.number, entry.kind === "schema" ? "done" : "pending"]);
  });
});
