const NUMBER = new Intl.NumberFormat("en-US");
const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;
const UNIT_BYTES = 1024;

/** 38768 → "38,768". */
export const formatCount = (count: number): string => NUMBER.format(Math.round(count));

/** Milliseconds as "0.8 s", "42 s", "3 min 20 s", "2 h 05 min". */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")} min`;
}

/** The first characters of a text, on one line. */
export function excerpt(text: string, length: number): string {
  const line = text.replace(/\s+/g, " ");
  const characters = [...line.slice(0, 2 * length + 2)];
  return characters.length > length ? `${characters.slice(0, length - 1).join("")}…` : line;
}

/** 1536 → "1.5 kB". */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(UNIT_BYTES)));
  const value = bytes / UNIT_BYTES ** power;
  return `${power > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`;
}

/** noText → "no text". */
export const wordsOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
