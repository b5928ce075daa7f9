/** What kind of character a UTF-16 unit is: found out once for each, so that hostile text meets no expression. */

export const SPACE = 1;
export const LETTER = 2;
export const CLAUSE_MARK = 3;
export const SENTENCE_MARK = 4;
export const QUESTION = 5;
export const EMOJI = 6;
export const LINE_END = 7;
export const IGNORED = 8;
/** By UTF-16 unit; 0 is not known yet. */
const CLASSES = new Uint8Array(0x1_0000);

export const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code < 0xdc00;

/** Takes NaN, which stands behind the end of a text, too. */
export function classOf(code: number): number {
  if (Number.isNaN(code)) return 0;
  const known = CLASSES[code];
  if (known !== 0 && known !== undefined) return known;
  const found = classify(String.fromCharCode(code));
  CLASSES[code] = found;
  return found;
}

function classify(character: string): number {
  if (/[\uFE0F\u20E3]/.test(character)) return IGNORED; // parts of an emoji
  if (/[\p{L}\p{N}\p{M}_]/u.test(character)) return LETTER;
  if (/[\n\r\u2028\u2029]/.test(character)) return LINE_END;
  if (/\s/.test(character)) return SPACE;
  if (/[.!…。]/.test(character)) return SENTENCE_MARK;
  if (/[?？؟]/.test(character)) return QUESTION;
  if (/[,;:()[\]{}"«»“”„—–]/.test(character)) return CLAUSE_MARK;
  return isHighSurrogate(character.charCodeAt(0)) || /\p{Extended_Pictographic}/u.test(character) ? EMOJI : IGNORED;
}

export const isSpace = (code: number): boolean => classOf(code) === SPACE || classOf(code) === LINE_END;
