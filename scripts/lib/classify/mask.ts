/** What must not leave the machine: each kind is replaced by a word that still tells what stood there. */

/** In this order: an address in a link is the link's, and the digits of a card are not a phone number. */
const KINDS: readonly (readonly [pattern: RegExp, word: string])[] = [
  [/\b(?:[a-z][a-z0-9+.-]{1,10}:\/\/|www\.)[^\s<>"]+/giu, "[link]"],
  [/[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu, "[e-mail]"],
  [
    /(?<![\p{L}\p{N}@])(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}(?:com|ru|net|org|io|me|cc|info|biz|shop|site|online|рф|ru\.com)(?:\/[^\s<>"]*)?(?![\p{L}\p{N}])/giu,
    "[link]",
  ],
  [/(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g, "[card]"],
];

/** Dates have as many digits as short phone numbers; they are matched first, and stay. */
const DATE_OR_PHONE =
  /(?<!\d)(?<date>\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2})(?!\d)|(?<![\d\p{L}])\+?\d(?:[\s().-]{0,3}\d){6,14}(?!\d)/gu;

/** The text without phone numbers, e-mail addresses, card numbers and links. Dates and prices of fewer than seven digits stay. */
export function maskPersonal(text: string): string {
  const masked = KINDS.reduce((before, [pattern, word]) => before.replace(pattern, word), text);
  return masked.replace(DATE_OR_PHONE, (_, date?: string) => date ?? "[phone]");
}
