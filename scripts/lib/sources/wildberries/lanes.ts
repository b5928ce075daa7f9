/** Several generators side by side as one: what any of them yields comes as soon as it is there. */

type Came<T> = { readonly lane: AsyncGenerator<T, void> } & (
  | { readonly result: IteratorResult<T, void> }
  | { readonly error: unknown }
);

/** Each lane works on its next value while its last one is used, and never further ahead. The first error ends all of them. */
export async function* merge<T>(lanes: readonly AsyncGenerator<T, void>[]): AsyncGenerator<T, void> {
  const pending = new Map(lanes.map((lane) => [lane, begun(lane)]));
  try {
    while (pending.size > 0) {
      const came = await Promise.race(pending.values());
      if ("error" in came) throw came.error;
      const { lane, result } = came;
      if (result.done) {
        pending.delete(lane);
        continue;
      }
      pending.set(lane, begun(lane));
      yield result.value;
    }
  } finally {
    for (const lane of pending.keys()) void lane.return().catch(() => undefined);
  }
}

/** Never rejects: what fails while nobody waits is thrown when it is its turn. */
const begun = <T>(lane: AsyncGenerator<T, void>): Promise<Came<T>> =>
  lane.next().then(
    (result) => ({ lane, result }),
    (error: unknown) => ({ lane, error }),
  );
