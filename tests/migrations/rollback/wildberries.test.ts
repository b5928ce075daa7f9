/** The rollback of batch 8 gives stores back where they stood. */
import { expect, test } from "@jest/globals";
import { runChecks } from "../../../scripts/lib/checks.ts";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { addMessage } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { chatOf, eventOf, makeSeller } from "../../helpers/stand-ins/wildberries-rows.ts";
import { useService } from "../sync-wildberries-chats/bed.ts";
import { fileOf, keptOf, rollBack } from "./rollback.ts";

const db = useDatabase();
const bed = useService(db);

const everything = () => db.snapshot({ tables: ["sync_logs"] });

test("After it every table but the log is as it was, and the batch can run again", async () => {
  await bed.addStore("501", makeSeller(20, 500));
  await bed.addStore("502", makeSeller(10, 200, {}, "d"));
  const before = await everything();
  const { stats } = (await bed.run()).document;
  const after = await everything();
  await rollBack({ address: db.address }, 8);
  expect(await everything()).toEqual(before);
  expect((await db.query("select status from sync_logs")).rows).toEqual([{ status: "success" }, { status: "success" }]);
  expect((await bed.run()).document.stats).toEqual(stats);
  const { migration_effects: _, ...rows } = await everything();
  const { migration_effects: __, ...expected } = after;
  expect(rows).toEqual(expected);
});

test("Of one run, it gives back what that run found: the cursor and the number of chats of the run before", async () => {
  const seller = makeSeller(20, 500);
  await bed.addStore("501", seller);
  await bed.run();
  const before = await everything();
  seller.events.push(eventOf("new", 501), eventOf("c1", 502));
  const { runId } = (await bed.run()).document;
  await rollBack({ address: db.address }, 8, runId);
  expect(await everything()).toEqual(before);
});

test("Conversations that a live system made, and messages that came since, stay", async () => {
  await bed.addStore("501", {
    chats: [chatOf("theirs"), chatOf("ours")],
    events: [eventOf("theirs", 1), eventOf("ours", 2)],
  });
  await db.query(
    `insert into "Conversation" (id, channel, external_id, store_id) values (gen_random_uuid(), 'wildberries', '1:theirs', '501')`,
  );
  const { stats } = (await bed.run()).document;
  expect(stats).toMatchObject({ chatsTotal: 2, messagesAdded: 2 });
  const ours =
    (await db.query<{ id: string }>(`select id from "Conversation" where external_id = '1:ours'`)).rows[0]?.id ?? "";
  await addMessage(db, ours, { content: "live" });
  const kept = keptOf(await rollBack({ address: db.address }, 8));
  expect(kept).toEqual([["Conversation", ours, "holds messages that stay"]]);
  const { rows } = await db.query(
    `select c.external_id, m.content from "Conversation" c left join "Message" m on m.conversation_id = c.id order by 1`,
  );
  expect(rows).toEqual([
    { external_id: "1:ours", content: "live" },
    { external_id: "1:theirs", content: null },
  ]);
});

test("verify.sql finds nothing after a sync, a second one, and one that failed in part", async () => {
  await bed.addStore("501", makeSeller(20, 500));
  await bed.run();
  await bed.addStore("502", makeSeller(1, 1), { token: "nobody-knows-it" });
  bed.service.sellers.delete("nobody-knows-it");
  await bed.run();
  const found = await withDatabase(db.address, { readOnly: true }, (one) => runChecks(one, fileOf(8, "verify")));
  expect(found.length).toBeGreaterThan(5);
  expect(found.filter(({ failed }) => failed)).toEqual([]);
});
