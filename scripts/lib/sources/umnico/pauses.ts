import type { Api } from "../../http/api.ts";
import { pause } from "../../http/pause.ts";

/** The same API, left alone for so long after each of its answers. */
export function withPauses(
  api: Pick<Api, "get">,
  { delayMs, signal }: { readonly delayMs: number; readonly signal: AbortSignal },
): Pick<Api, "get"> {
  let freeAt = 0;
  return {
    get: async (...request) => {
      await pause(freeAt - performance.now(), signal);
      try {
        return await api.get(...request);
      } finally {
        freeAt = performance.now() + delayMs;
      }
    },
  };
}
