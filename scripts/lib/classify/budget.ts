import { MustWait } from "../errors.ts";

/** What a run may spend; undefined: no cap. */
export interface Caps {
  readonly maxRequests?: number | undefined;
  readonly maxTokens?: number | undefined;
}

/** Counts what asking costs, and ends the run before it would cost more than it may. */
export class Budget {
  readonly #caps: Caps;
  #requests = 0;
  /** What answers have cost, and what those under way may cost. */
  #tokens = 0;
  /** Since it was last asked. */
  #taken = { requests: 0, tokens: 0 };

  constructor(caps: Caps) {
    this.#caps = caps;
  }

  /** A chat is about to be asked about, for about so many tokens. Throws MustWait where that is more than is left. */
  reserve(tokens: number): void {
    const { maxRequests, maxTokens } = this.#caps;
    if (maxRequests !== undefined && this.#requests >= maxRequests) throw spent(`--max-requests ${maxRequests}`);
    if (maxTokens !== undefined && this.#tokens + tokens > maxTokens) throw spent(`--max-tokens ${maxTokens}`);
    this.#tokens += tokens;
  }

  /** A request is made: a chat that is asked about again costs one more. Throws MustWait where it may not. */
  request(): void {
    const { maxRequests } = this.#caps;
    if (maxRequests !== undefined && this.#requests >= maxRequests) throw spent(`--max-requests ${maxRequests}`);
    this.#requests += 1;
    this.#taken.requests += 1;
  }

  /** What the answer has really cost; 0 where there was none. */
  settle(reserved: number, tokens: number): void {
    this.#tokens += tokens - reserved;
    this.#taken.tokens += tokens;
  }

  /** What was spent since this was last asked. */
  take(): { requests: number; tokens: number } {
    const taken = this.#taken;
    this.#taken = { requests: 0, tokens: 0 };
    return taken;
  }
}

const spent = (cap: string): MustWait =>
  new MustWait(`${cap} is spent. What was classified is stored; run the same command again to go on.`);
