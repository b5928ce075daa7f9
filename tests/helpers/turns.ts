/** How many turns the event loop takes while this work is done: a machine that is busy makes them longer, not fewer. */
export async function turnsIn(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  const count = () => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await work();
  clearImmediate(next);
  return turns;
}
