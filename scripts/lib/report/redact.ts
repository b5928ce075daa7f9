/** What must never be shown, collected where it is first read. */
const secrets = new Set<string>();

/** Shorter ones would blot out ordinary words; a password of three letters protects nothing anyway. */
const MIN_SECRET_LENGTH = 4;

const CREDENTIALS_IN_URL = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@]+@/gi;
const AUTHORIZATION = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;

/** From now on `redact` takes this text out of all output. */
export function keepSecret(text: string | undefined): void {
  if (text !== undefined && text.length >= MIN_SECRET_LENGTH) secrets.add(text);
}

/** The text without tokens, passwords and connection strings. */
export function redact(text: string): string {
  let safe = text;
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) safe = safe.replaceAll(secret, "***");
  return safe.replace(CREDENTIALS_IN_URL, "$1:***@").replace(AUTHORIZATION, "$1 ***");
}
