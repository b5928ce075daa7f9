/** yargs gives each option under two names: as it is typed, and in camelCase. */

/** maxWait → "max-wait". */
export const kebabCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** maxWait → "--max-wait". */
export const flagOf = (name: string): string => `--${kebabCase(name)}`;

/** max-wait → "maxWait". */
export const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
