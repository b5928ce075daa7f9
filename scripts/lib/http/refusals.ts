import { RunFailed } from "../errors.ts";
import type { ItemError } from "../page.ts";
import { ItemRefused } from "./errors.ts";

/** So many one after the other are not the items' fault. */
const HOPELESS = 20;

/** Turns what a service refuses into items for the quarantine, as long as not everything is refused. */
export class Refusals {
  #inARow = 0;

  /** The item as it goes to quarantine. Throws anything else than an ItemRefused on; RunFailed at the 20th refusal in a row. */
  refuse(error: unknown, key: string): ItemError {
    if (!(error instanceof ItemRefused)) throw error;
    this.#inARow += 1;
    const { code, message } = error;
    if (this.#inARow < HOPELESS) return { key, code, message };
    throw new RunFailed(`${HOPELESS} items in a row were refused, so they are not to blame. The last: ${message}`, {
      cause: error,
    });
  }

  /** Something was not refused. */
  ok(): void {
    this.#inARow = 0;
  }
}
