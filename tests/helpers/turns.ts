/** How many milliseconds a turn of the event loop takes on average while this work is done. */
export async function turnTimeIn(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  const count = () => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  const since = performance.now();
  await work();
  clearImmediate(next);
  return (performance.now() - since) / turns;
}
