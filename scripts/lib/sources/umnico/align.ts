/** How many messages two stretches of one history share: the most of the stored ones' end that the window begins with. */
export function align(window: readonly string[], stored: readonly (string | undefined)[]): number {
  for (let shared = Math.min(window.length, stored.length); shared > 0; shared--) {
    const from = stored.length - shared;
    if (window.slice(0, shared).every((one, index) => one === stored[from + index])) return shared;
  }
  return 0;
}

/** Whether all of `stored` stand in the window, in their order, with others between them. */
export function isWithin(stored: readonly (string | undefined)[], window: readonly string[]): boolean {
  let at = 0;
  return stored.every((one) => {
    while (at < window.length && window[at] !== one) at += 1;
    at += 1;
    return at <= window.length;
  });
}
