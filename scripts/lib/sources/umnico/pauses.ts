import { setTimeout as sleep } from "node:timers/promises";
import type { Api } from "../../http/api.ts";

/** The same API, left alone for so long after each of its answers. */
export function withPauses(
  api: Pick<Api, "get">,
  { delayMs, signal }: { readonly delayMs: number; readonly signal: AbortSignal },
): Pick<Api, "get"> {
  let freeAt = 0;
  return {
    get: async (...request) => {
      const wait = freeAt - performance.now();
      if (wait > 0) await sleep(wait, undefined, { signal });
      try {
        return await api.get(...request);
      } finally {
        freeAt = performance.now() + delayMs;
      }
    },
  };
}
