/** The text with U+FFFD for what PostgreSQL can't store: U+0000, and halves of characters, which a cut may leave. */
export const storable = (text: string): string => text.replaceAll("\0", "\ufffd").replace(/\p{Surrogate}/gu, "\ufffd");
