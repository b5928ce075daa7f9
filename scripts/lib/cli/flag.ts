/** yargs gives each option under two names: as it is typed, and in camelCase. */

/** maxWait → "--max-wait". */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** max-wait → "maxWait". */
export const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
