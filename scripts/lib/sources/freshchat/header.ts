/** What the service says about a conversation by itself: asked for where we haven't got it yet. */
import type { Api } from "../../http/api.ts";
import type { Thread } from "../../thread.ts";
import { timeOf } from "./time.ts";
import { WIRE_CONVERSATION } from "./wire.ts";

export async function readHeader(api: Api, id: string): Promise<Pick<Thread, "startedAt" | "metadata">> {
  const wire = await api.get(`/v2/conversations/${encodeURIComponent(id)}`, WIRE_CONVERSATION);
  const fields = {
    createdTime: wire.created_time,
    status: wire.status,
    channelId: wire.channel_id,
    userId: wire.user_id,
    assignedAgentId: wire.assigned_agent_id,
  };
  const known = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  const startedAt = timeOf(wire.created_time)?.iso;
  return { ...(startedAt === undefined ? {} : { startedAt }), metadata: { freshchat: Object.fromEntries(known) } };
}
