/** The line with its time in front, where nobody sees when it appears: a log of `nohup`, say. */
export const timed = (line: string): string =>
  process.stdout.isTTY === true ? line : `${new Date().toISOString()} ${line}`;
