/**
 * Batch 4 as such scripts are usually written: for each audit a look whether its message exists, then one `create`.
 * Started as a process of its own on DATABASE_URL with the number of messages to write; prints what it took without its start.
 */
import { parseAddress } from "../../db/address.ts";
import { type Database, withDatabase } from "../../db/database.ts";
import { openPrisma } from "../../db/prisma.ts";
import { messageOf, readAudits } from "./audits.ts";

const PAGE_AUDITS = 500;
const CREATED_BY = "row-by-row.ts";

type Prisma = Awaited<ReturnType<typeof openPrisma>>;

await withDatabase(parseAddress(process.env.DATABASE_URL ?? ""), {}, async (db) => {
  const prisma = await openPrisma(db);
  await prisma.message.findFirst(); // its first query loads the engine
  const startedAt = performance.now();
  const rows = await writeMessages(db, prisma, Number(process.argv[2]));
  process.stdout.write(JSON.stringify({ rows, ms: performance.now() - startedAt }));
});

async function writeMessages(db: Database, prisma: Prisma, wanted: number): Promise<number> {
  let written = 0;
  const conversations = new Map<string, string | undefined>();
  for await (const audits of readAudits(db, PAGE_AUDITS)) {
    for (const audit of audits) {
      if (written === wanted) return written;
      const { id, leadId } = audit;
      if (!conversations.has(leadId)) conversations.set(leadId, await findOrCreateConversation(prisma, leadId));
      const conversationId = conversations.get(leadId);
      if (conversationId === undefined) continue;
      const existing = await prisma.message.findFirst({ where: { metadata: { path: ["auditId"], equals: id } } });
      if (existing !== null) continue;
      await prisma.message.create({ data: messageOf(audit, conversationId, CREATED_BY) });
      written += 1;
    }
  }
  return written;
}

/** The id of the lead's conversation; undefined where there is no such lead. */
async function findOrCreateConversation(prisma: Prisma, leadId: string): Promise<string | undefined> {
  const existing = await prisma.conversation.findFirst({
    where: { leadId, metadata: { path: ["source"], equals: "audit_backfill" } },
  });
  if (existing !== null) return existing.id;
  const lead = await prisma.lead.findUnique({ where: { id: leadId } });
  if (lead === null) return undefined;
  const { id } = await prisma.conversation.create({
    data: {
      leadId,
      customerId: lead.customerId,
      channel: lead.channel,
      externalId: lead.messengerPsid ?? lead.phone,
      startedAt: lead.createdAt,
      metadata: { source: "audit_backfill", leadStage: lead.stage, createdBy: CREATED_BY },
    },
  });
  return id;
}
