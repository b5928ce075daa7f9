/** What the contestants that move rows through Node share: reading audits, and what a message of one is. */
import type { Queryable } from "../../db/database.ts";
import { FIRST_UUID } from "../../db/uuids.ts";
import { readSql } from "../../sql-file.ts";

const READ_AUDITS = readSql(new URL("read-audits.sql", import.meta.url));

/** An audit that becomes a message, where its lead is still there. */
export interface AuditRow {
  readonly id: string;
  readonly leadId: string;
  readonly actor: string;
  readonly action: string;
  readonly createdAt: Date;
  readonly content: string;
}

/** All audits with a text, a page at a time, by key. */
export async function* readAudits(db: Queryable, pageSize: number): AsyncGenerator<readonly AuditRow[]> {
  let after: readonly [string, Date | string, string] = [FIRST_UUID, "-infinity", FIRST_UUID];
  for (;;) {
    const { rows } = await db.query<AuditRow>(READ_AUDITS, [...after, pageSize]);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = [last.leadId, last.createdAt, last.id];
  }
}

/** The message of an audit, as Prisma takes it. */
export const messageOf = (audit: AuditRow, conversationId: string, createdBy: string) => ({
  conversationId,
  role: roleOf(audit.actor),
  content: audit.content,
  createdAt: audit.createdAt,
  metadata: {
    auditId: audit.id,
    auditAction: audit.action,
    auditActor: audit.actor,
    source: "audit_backfill",
    createdBy,
  },
});

function roleOf(actor: string): "user" | "assistant" | "system" {
  if (actor === "system") return "system";
  return actor === "customer" || actor === "user" ? "user" : "assistant";
}
