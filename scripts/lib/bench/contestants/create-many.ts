/**
 * Batch 4 as rows through Node: read a page, make rows of it, `createMany`. No checkpoint, no quarantine, no repeat.
 * Started as a process of its own on DATABASE_URL.
 */
import { randomUUID } from "node:crypto";
import { parseAddress } from "../../db/address.ts";
import { type Database, withDatabase } from "../../db/database.ts";
import { openPrisma } from "../../db/prisma.ts";
import { FIRST_UUID } from "../../db/uuids.ts";
import { messageOf, readAudits } from "./audits.ts";

const ROWS_EACH = 1_000;
const CREATED_BY = "create-many.ts";

/** The newest audit with a text of each of these leads, null where none has one; leads without audits are left out. */
const NEWEST = `
  select lead_id, max(created_at) filter (where crm_audit_text(action, payload) is not null) as newest
    from "Audit"
   where lead_id = any ($1)
     and actor in ('customer', 'agent', 'user', 'assistant', 'system')
group by lead_id`;

type Prisma = Awaited<ReturnType<typeof openPrisma>>;

await withDatabase(parseAddress(process.env.DATABASE_URL ?? ""), {}, async (db) => {
  const prisma = await openPrisma(db);
  const conversations = await createConversations(db, prisma);
  for await (const audits of readAudits(db, ROWS_EACH)) {
    const data = audits.flatMap((audit) => {
      const conversationId = conversations.get(audit.leadId);
      return conversationId === undefined ? [] : [messageOf(audit, conversationId, CREATED_BY)];
    });
    await prisma.message.createMany({ data });
  }
});

/** One conversation for each lead that has audits; returns their ids by lead. */
async function createConversations(db: Database, prisma: Prisma): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (let after = FIRST_UUID; ; ) {
    const leads = await prisma.lead.findMany({ where: { id: { gt: after } }, orderBy: { id: "asc" }, take: ROWS_EACH });
    const last = leads.at(-1);
    if (last === undefined) return ids;
    const { rows } = await db.query<{ lead_id: string; newest: Date | null }>(NEWEST, [leads.map(({ id }) => id)]);
    const newest = new Map(rows.map((row) => [row.lead_id, row.newest]));
    const data = leads
      .filter(({ id }) => newest.has(id))
      .map((lead) => ({
        id: randomUUID(),
        leadId: lead.id,
        customerId: lead.customerId,
        channel: lead.channel,
        externalId: lead.messengerPsid ?? lead.phone,
        startedAt: lead.createdAt,
        lastMessageAt: newest.get(lead.id) ?? null,
        createdAt: lead.createdAt,
        updatedAt: lead.createdAt,
        metadata: { source: "audit_backfill", leadStage: lead.stage, createdBy: CREATED_BY },
      }));
    await prisma.conversation.createMany({ data });
    for (const { id, leadId } of data) ids.set(leadId, id);
    after = last.id;
  }
}
