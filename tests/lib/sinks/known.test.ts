import { expect, test } from "@jest/globals";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { deterministicId } from "../../../scripts/lib/deterministic-id.ts";
import { knownMessages, storedThread } from "../../../scripts/lib/sinks/known.ts";
import { addConversation, addMessage, addRow } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { batchOf, message, page, RULES, thread } from "./bed.ts";

const db = useDatabase();

const stored = (id: string, more: object = {}) =>
  withDatabase(db.address, { readOnly: true }, (pool) =>
    storedThread(pool, RULES, { id, channel: "whatsapp", ...more }),
  );

test("a stored conversation says why it is not known to be whole; one that is not there says nothing", async () => {
  const partial = { kind: "partial", reason: "cut" } as const;
  const recent = { kind: "window", reason: "recent" } as const;
  await runInProcess(
    batchOf([page(thread({ id: "1" }), thread({ id: "2", coverage: partial }), thread({ id: "3", coverage: recent }))]),
    db,
  );
  const id = (of: string) => deterministicId(RULES.source, of);
  expect(await stored("1")).toEqual({ id: id("1"), partial: null, window: null });
  expect(await stored("2")).toEqual({ id: id("2"), partial: "cut", window: null });
  expect(await stored("3")).toEqual({ id: id("3"), partial: null, window: "recent" });
  expect(await stored("4")).toBeUndefined();
});

test("a conversation is found by its reference, and in its own store only", async () => {
  await db.query(`insert into stores (id, name) values ('a', 'A'), ('b', 'B')`);
  const known = await addConversation(db, { channel: "sms" });
  const reference = { entity_type: "conversation", entity_id: known, system: "umnico", external_id: "1" };
  await addRow(db, "external_refs", reference);
  const metadata = { source: RULES.source };
  const shop = await addConversation(db, { external_id: "2", store_id: "a", metadata });
  expect(await stored("1")).toMatchObject({ id: known });
  expect(await stored("2", { storeId: "a" })).toMatchObject({ id: shop });
  expect(await stored("2", { storeId: "b" })).toBeUndefined();
  expect(await stored("2")).toBeUndefined();
});

test.each(["with", "without"])("known messages are those of that conversation, %s the index", async (index) => {
  await runInProcess(batchOf([page(thread({ id: "1", messages: [message("a"), message("b\0")] }))]), db);
  const other = await addConversation(db);
  await addMessage(db, other, { metadata: { sourceId: "c" } });
  if (index === "without") await db.query('drop index "Message_source_id_key"');
  const known = await withDatabase(db.address, { readOnly: true }, (pool) =>
    knownMessages(pool, deterministicId(RULES.source, "1"), ["a", "b\0", "c", "d"]),
  );
  expect(known).toEqual(new Set(["a", "b\0"]));
});
