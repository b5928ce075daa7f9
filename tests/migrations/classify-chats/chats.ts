/** Conversations to be classified, and what stands in them afterwards. */
import { type Asked, addMessage, addRow, type Columns } from "../../helpers/crm.ts";

/** A conversation with these lines, alternately the customer's and ours, a minute apart; returns its id. */
export async function addChat(db: Asked, lines: readonly string[], columns: Columns = {}): Promise<string> {
  const id = await addRow(db, "Conversation", { channel: "whatsapp", started_at: "2025-01-01T00:00:00Z", ...columns });
  for (const [index, content] of lines.entries())
    await addMessage(db, id, {
      role: index % 2 === 0 ? "user" : "assistant",
      content,
      created_at: new Date(Date.UTC(2025, 0, 1, 0, index)),
    });
  return id;
}

/** `count` conversations of six lines, made inside the database. */
export async function addChats(db: Asked, count: number): Promise<void> {
  await db.query(
    `with talk as (
       insert into "Conversation" (id, channel, started_at)
       select crm_uuid('chat', n::text), 'whatsapp', timestamptz '2025-01-01' from generate_series(1, $1::int) n
    returning id)
     insert into "Message" (id, conversation_id, role, content, created_at)
     select crm_uuid('line', talk.id || line.role || line.n), talk.id, line.role::"MessageRole", line.content,
            timestamptz '2025-01-01' + line.n * interval '1 minute'
       from talk,
            (values (1, 'user', 'Hello, how much is the blue jacket in size M?'),
                    (2, 'assistant', 'Good morning! It is 4,900, and there are two left.'),
                    (3, 'user', 'Когда вы сможете доставить заказ в Казань?'),
                    (4, 'assistant', 'Доставка занимает от трёх до пяти дней.'),
                    (5, 'user', 'And is there a discount for two of them?'),
                    (6, 'assistant', 'There is one of ten percent from the third piece on.')) line (n, role, content)`,
    [count],
  );
}

export interface Tagged {
  readonly id: string;
  readonly tag: string | null;
  readonly tagged: boolean;
  readonly classification: Record<string, unknown> | null;
}

export const tagsOf = async (db: Asked): Promise<Tagged[]> =>
  (
    await db.query<Tagged & Record<string, unknown>>(
      `select id, tag, tagged_at is not null as tagged, metadata -> 'classification' as classification
         from "Conversation"
     order by started_at, id`,
    )
  ).rows;
