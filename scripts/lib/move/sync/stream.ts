/** Thrown into work whose results nobody wants any more. */
class Abandoned extends Error {}

/**
 * Turns work that gives its results away, one at a time, into a generator of them: the work rests until the next one is asked for.
 * So what is open only while a function runs, such as a transaction, stays open as long as somebody reads.
 */
export async function* streamOf<T>(work: (give: (item: T) => Promise<void>) => Promise<void>): AsyncGenerator<T, void> {
  let given: { readonly item: T; readonly taken: (goOn: boolean) => void } | undefined;
  let ended = false;
  let wake: () => void = () => undefined;
  const give = (item: T) =>
    new Promise<void>((resolve, reject) => {
      given = { item, taken: (goOn) => (goOn ? resolve() : reject(new Abandoned())) };
      wake();
    });
  const done = work(give).finally(() => {
    ended = true;
    wake();
  });
  done.catch(() => undefined); // thrown below, when the reader is there
  for (;;) {
    if (given === undefined && !ended)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    if (given === undefined) break;
    const { item, taken } = given;
    given = undefined;
    let goOn = false;
    try {
      yield item;
      goOn = true;
    } finally {
      taken(goOn);
      if (!goOn) await done.catch(() => undefined); // it is closing what it had open
    }
  }
  await done;
}
