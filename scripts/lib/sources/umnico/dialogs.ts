import { RunFailed } from "../../errors.ts";
import type { Api } from "../../http/api.ts";
import { ItemRefused } from "../../http/errors.ts";
import { DIALOGS, type Dialogs } from "./wire.ts";

/** Where the service stops scrolling through the list. */
const MOST_DIALOGS = 5_000;

/** A dialog as the list shows it. */
export interface Dialog {
  readonly id: string;
  readonly display: string;
  readonly lastMessage: string;
  readonly channelAccount: string;
  readonly assignedTo: string;
}

/** All dialogs, each once, in the order of their ids. */
export interface Listed {
  readonly dialogs: readonly Dialog[];
  /** How many stand in the list without an id. */
  readonly withoutId: number;
  /** Why there may be more. */
  readonly doubt?: string;
}

/** Asks for the list. Without it nothing can be done: whatever is wrong with it is a RunFailed. */
export async function listDialogs(api: Api): Promise<Listed> {
  const { count, total, data } = await askForList(api);
  if (count !== data.length)
    throw new RunFailed(`Umnico's list of dialogs is not whole: it counts ${count}, and holds ${data.length}.`);
  const named = new Map<string, Dialog>();
  for (const { conversationId: id, phone: display, lastMessage, channelAccount, assignedTo } of data)
    if (isId(id) && !named.has(id)) named.set(id, { id, display, lastMessage, channelAccount, assignedTo });
  const doubt =
    typeof total === "number" && total > data.length
      ? `the service knows of ${total} dialogs, and lists ${data.length}`
      : data.length >= MOST_DIALOGS
        ? `the service lists ${data.length} dialogs, and stops at about ${MOST_DIALOGS}`
        : undefined;
  return {
    dialogs: [...named.values()].sort((a, b) => compareIds(a.id, b.id)),
    withoutId: data.filter(({ conversationId }) => !isId(conversationId)).length,
    ...(doubt === undefined ? {} : { doubt }),
  };
}

/** What can neither be asked for nor stored is no id. */
const isId = (text: string): boolean => text !== "" && !/[\0\p{Surrogate}]/u.test(text);

async function askForList(api: Api): Promise<Dialogs> {
  try {
    return await api.get("/api/conversations", DIALOGS, { all: true, cache: false });
  } catch (error) {
    if (!(error instanceof ItemRefused)) throw error;
    throw new RunFailed(`Umnico gives no list of dialogs: ${error.message}`, { cause: error });
  }
}

/** Numbers by their value, before all others; a total order, so that a run can resume after any id. */
export function compareIds(a: string, b: string): number {
  const [left, right] = [numberIn(a), numberIn(b)];
  if (left !== undefined && right !== undefined)
    return left.length - right.length || compareTexts(left, right) || compareTexts(a, b);
  if (left === undefined && right === undefined) return compareTexts(a, b);
  return left === undefined ? 1 : -1;
}

/** The digits without zeros in front. */
const numberIn = (id: string): string | undefined => /^0*(\d+)$/.exec(id)?.[1];

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
