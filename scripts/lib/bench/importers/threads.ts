/** Made-up threads, one after the other: the same each time, and never all of them in memory. */
import { pageOf, type Thread, type ThreadMessage, type ThreadPage } from "../../thread.ts";

/** How many messages a thread has. */
export const THREAD_MESSAGES = 25;
const FIRST_MS = Date.parse("2024-01-01T00:00:00Z");
const MINUTE_MS = 60_000;
const MIN_WORDS = 4;
const MORE_WORDS = 20;

const WORDS = (
  "hello your order delivery tomorrow courier address when booking price invoice thank please call back refund wait question colour size " +
  "здравствуйте заказ доставка завтра курьер адрес когда запись цена чек спасибо пожалуйста перезвоните возврат жду вопрос цвет размер можно"
).split(" ");

/** Threads with so many messages in all. */
export function* makeThreads(messages: number): Generator<Thread, void> {
  for (let from = 0; from < messages; from += THREAD_MESSAGES) {
    const number = from / THREAD_MESSAGES;
    const size = Math.min(THREAD_MESSAGES, messages - from);
    const digits = `79${String(number).padStart(9, "0")}`;
    yield {
      id: `bench-${number}`,
      key: `bench-${number}`,
      channel: "whatsapp",
      channelAccount: "79000000000",
      person: { key: `phone:${digits}`, phone: digits },
      coverage: { kind: "complete" },
      messages: Array.from({ length: size }, (_, place) => makeMessage(number, place)),
    };
  }
}

function makeMessage(thread: number, place: number): ThreadMessage {
  const id = `m-${thread}-${place}`;
  const at = new Date(FIRST_MS + thread * MINUTE_MS + place * 7 * MINUTE_MS).toISOString();
  const role = place % 2 === 0 ? "user" : "assistant";
  return { id, key: id, role, content: makeText(thread * THREAD_MESSAGES + place), at };
}

/** Words that follow from a number, like what people write: 4 to 23 of them, and a number that is in no other text. */
function makeText(number: number): string {
  let state = (number + 1) * 2_654_435_761;
  const draw = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
    return state % below;
  };
  const words = Array.from({ length: MIN_WORDS + draw(MORE_WORDS) }, () => WORDS[draw(WORDS.length)]);
  return `${words.join(" ")} ${number}`;
}

/** Pages of as many whole threads as hold the wanted number of messages. */
export function* toPages(threads: Iterable<Thread>, wanted: () => number): Generator<ThreadPage, void> {
  let held: Thread[] = [];
  let messages = 0;
  const cut = () => {
    const cursor = { after: held.at(-1)?.id ?? null };
    const page = pageOf(
      held.map((thread) => ({ thread, cursor: { after: thread.id } })),
      { start: { after: null }, cursor },
    );
    held = [];
    messages = 0;
    return page;
  };
  for (const thread of threads) {
    held.push(thread);
    messages += thread.messages.length;
    if (messages >= wanted()) yield cut();
  }
  if (held.length > 0) yield cut();
}
