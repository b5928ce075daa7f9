/**
 * The pages of one conversation, newest messages first. The server's link is followed word by word: it moves a time, and its page
 * number stays. Only where there is no link, and pages are numbered, the next number is asked for.
 */
import { createHash } from "node:crypto";
import type { Api } from "../../http/api.ts";
import { type Item, readItem } from "./message.ts";
import { PAGE_MESSAGES, WIRE_PAGE, type WirePage } from "./wire.ts";

/** What is asked for next: the server's own link, or a page by its number. */
export interface Position {
  readonly href?: string;
  readonly page: number;
}

export const FIRST: Position = { page: 1 };

/** What one request gave. */
export interface Step {
  /** Without those that the page before ended with. */
  readonly items: readonly Item[];
  /** Where the walk goes on; undefined at its end. */
  readonly next?: Position;
  /** Why it can't be shown that everything came. */
  readonly partial?: string;
}

/** The service gives again what it has given already: following it would never end. */
export class RepeatedPage extends Error {
  override name = "RepeatedPage";
}

/** Where a page ends, and the next may begin. */
interface Last {
  readonly names: ReadonlySet<string>;
  /** The time of its oldest message. */
  readonly border: number;
}

export class Walk {
  readonly #api: Api;
  readonly #conversation: string;
  /** Hashes of the links that were given; hashed, because a conversation can have thousands. */
  readonly #given = new Set<string>();
  #last: Last = { names: new Set(), border: Number.NaN };

  constructor(api: Api, conversation: string) {
    this.#api = api;
    this.#conversation = conversation;
  }

  /** Asks for one page. Throws what the request throws, and RepeatedPage. */
  async step(position: Position): Promise<Step> {
    const wire = await this.#ask(position);
    const items = wire.messages.map((raw) => readItem(raw, this.#conversation));
    const next = this.#nextOf(wire, position);
    const { names, border } = this.#last;
    const fresh = withoutTwins(items).filter(({ name }) => !names.has(name));
    if (items.length > 0 && fresh.length === 0 && (next !== undefined || items.some(({ time }) => time !== border)))
      throw new RepeatedPage("the service gave the same page twice");
    this.#last = lastOf(items);
    if (next === undefined) return { items: fresh, ...withReason(missingLink(wire, position)) };
    // Whatever follows an empty page, it doesn't show that nothing was left out.
    return items.length === 0 ? { items: [], partial: "an empty page in the middle" } : { items: fresh, next };
  }

  #ask({ href, page }: Position): Promise<WirePage> {
    if (href !== undefined) return this.#api.follow(href, WIRE_PAGE);
    const path = `/v2/conversations/${encodeURIComponent(this.#conversation)}/messages`;
    return this.#api.get(path, WIRE_PAGE, { page, items_per_page: PAGE_MESSAGES });
  }

  #nextOf({ link, pagination }: WirePage, { href: asked, page }: Position): Position | undefined {
    const href = link?.href ?? "";
    if (href === "")
      return asked === undefined && (pagination?.total_pages ?? 0) > page ? { page: page + 1 } : undefined;
    const hash = createHash("sha256").update(href).digest("base64");
    if (href === asked || this.#given.has(hash)) throw new RepeatedPage("the service gave the same link twice");
    this.#given.add(hash);
    return { href, page };
  }
}

/** Where links were followed, a last page that counts further ones lacks its link. */
function missingLink({ pagination }: WirePage, { href }: Position): string | undefined {
  if (href === undefined) return undefined;
  const page = Number(new URL(href, "http://localhost").searchParams.get("page") ?? 1);
  const pages = pagination?.total_pages ?? 0;
  return pages > page ? `no link behind page ${page} of ${pages}` : undefined;
}

const withReason = (partial: string | undefined): Pick<Step, "partial"> => (partial === undefined ? {} : { partial });

const withoutTwins = (items: readonly Item[]): Item[] => [...new Map(items.map((item) => [item.name, item])).values()];

function lastOf(items: readonly Item[]): Last {
  const times = items.flatMap(({ time }) => (time === undefined ? [] : [time]));
  return { names: new Set(items.map(({ name }) => name)), border: Math.min(...times) };
}
