/** A dry run foretells the real one. */
import { describe, expect, test } from "@jest/globals";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf } from "../../helpers/script.ts";
import { eventOf, makeSeller } from "../../helpers/stand-ins/wildberries-rows.ts";
import { useService } from "./bed.ts";

const db = useDatabase();
const bed = useService(db);

describe("A dry run", () => {
  test("asks the same, says the same numbers as the real one, and leaves nothing behind", async () => {
    await bed.addStore("501", makeSeller(30, 900, { pageSize: 50 }));
    await bed.addStore("502", makeSeller(3, 40, { pageSize: 7, inclusive: true }, "d"));
    await bed.addStore("503", makeSeller(1, 1), { token: "unknown-to-the-service" });
    bed.service.sellers.delete("unknown-to-the-service");
    const before = await db.snapshot();
    const dry = await bed.run(["--dry-run"]);
    expect(await db.snapshot()).toEqual(before);
    const asked = bed.service.asked
      .map(({ method, path, query }) => [method, path, query.get("next")].join(" "))
      .sort();
    const real = await bed.run();
    expect(numbersOf(dry)).toEqual(numbersOf(real));
    expect(numbersOf(real)).toMatchObject({ exitCode: 1, stats: { storesFailed: 1, storesSynced: 2, chatsTotal: 33 } });
    expect(
      bed.service.asked
        .slice(asked.length)
        .map(({ method, path, query }) => [method, path, query.get("next")].join(" "))
        .sort(),
    ).toEqual(asked);
    expect(new Set(bed.service.asked.map(({ method }) => method))).toEqual(new Set(["GET"]));
    const again = await bed.run(["--dry-run"]);
    expect(numbersOf(again)).toEqual(numbersOf(await bed.run()));
  });

  test("of the quarantined items says what --retry-errors would do", async () => {
    const seller = makeSeller(5, 100);
    seller.events[9] = eventOf("c", 10, { sender: "bot" });
    seller.events[19] = eventOf("c", 20, { sender: "bot" });
    await bed.addStore("501", seller);
    await bed.run();
    seller.events[9] = eventOf("c", 10);
    const before = await db.snapshot();
    const dry = await bed.run(["--retry-errors", "--dry-run"]);
    expect(await db.snapshot()).toEqual(before);
    const real = await bed.run(["--retry-errors"]);
    expect({ ...numbersOf(dry), errors: [] }).toEqual({ ...numbersOf(real), errors: [] });
    expect(real.document.stats).toMatchObject({ messagesAdded: 1, errors: 1 });
  });
});
