import type { Prisma } from "../../../prisma/client/client.ts";
import type { Database } from "../db/database.ts";
import { openPrisma } from "../db/prisma.ts";

export type Lead = Prisma.LeadCreateManyInput & { readonly id: string; readonly createdAt: Date };
export type Job = Prisma.JobCreateManyInput & { readonly leadId: string };
/** `payload` as JSON.parse gives it: null stands for JSON's null. */
export type Audit = Omit<Prisma.AuditCreateManyInput, "payload" | "leadId"> & {
  readonly leadId: string | null;
  readonly payload: unknown;
};

export interface Crm {
  readonly leads: Lead[];
  readonly jobs: Job[];
  readonly audits: Audit[];
}

/** Inserts the rows as the CRM itself would have: all of them, or none. */
export async function storeCrm(db: Database, { leads, jobs, audits }: Crm): Promise<void> {
  const prisma = await openPrisma(db);
  const { JsonNull } = (await import("../../../prisma/client/client.ts")).Prisma;
  const data = audits.map((audit) => ({ ...audit, payload: (audit.payload ?? JsonNull) as Prisma.InputJsonValue }));
  await prisma.$transaction([
    prisma.lead.createMany({ data: leads }),
    prisma.job.createMany({ data: jobs }),
    prisma.audit.createMany({ data }),
  ]);
}
