/** What a token says about itself: it is a JWT whose payload anybody may read. Nothing is asked, and nothing is verified. */
import { z } from "zod";

/** Positions in the bitmask `s`. */
const CHAT_BIT = 9;
const READ_ONLY_BIT = 30;

/** By `acc`. */
const TYPES: Readonly<Record<number, TokenType>> = { 1: "base", 2: "test", 3: "personal", 4: "service" };

export type TokenType = "base" | "test" | "personal" | "service";

const PAYLOAD = z.object({
  exp: z.number().optional().catch(undefined),
  s: z.number().nonnegative().optional().catch(undefined),
  acc: z.number().optional().catch(undefined),
});

export interface Token {
  /** Anything may serve as a token: where it is no JWT, nothing is known about it. */
  readonly isJwt: boolean;
  readonly type?: TokenType;
  readonly expiresAt?: Date;
  /** Undefined where the token does not say. */
  readonly chatAccess?: boolean;
  readonly readOnly: boolean;
}

/** Reads a token's payload. */
export function readToken(text: string): Token {
  const payload = payloadOf(text);
  if (payload === undefined) return { isJwt: false, readOnly: false };
  const { exp, s, acc } = payload;
  const type = TYPES[acc ?? 0];
  const expiresAt = exp === undefined ? undefined : new Date(exp * 1_000);
  return {
    isJwt: true,
    ...(type === undefined ? {} : { type }),
    ...(expiresAt === undefined || Number.isNaN(expiresAt.getTime()) ? {} : { expiresAt }),
    ...(s === undefined ? {} : { chatAccess: hasBit(s, CHAT_BIT) }),
    readOnly: s !== undefined && hasBit(s, READ_ONLY_BIT),
  };
}

/** Why no request with this token can succeed, or undefined where one may. */
export function refusalOf({ expiresAt, chatAccess }: Token, now = new Date()): string | undefined {
  if (expiresAt !== undefined && expiresAt <= now) return `its token expired at ${expiresAt.toISOString()}`;
  if (chatAccess === false) return "its token has no access to buyer chats";
  return undefined;
}

/** One request an hour is all that a base token may make; the others make ten in ten seconds. */
export const isHourly = ({ type }: Token): boolean => type === "base";

/** For people: "personal token, chat access, read-only, until 2026-01-02T03:04:05.000Z". */
export function describeToken({ isJwt, type, chatAccess, readOnly, expiresAt }: Token): string {
  if (!isJwt) return "not a JWT: its type, pace and end are not known";
  return [
    type === undefined ? "token of unknown type" : `${type} token`,
    ...(chatAccess === undefined ? [] : [chatAccess ? "chat access" : "NO chat access"]),
    ...(readOnly ? ["read-only"] : []),
    expiresAt === undefined ? "no end given" : `until ${expiresAt.toISOString()}`,
  ].join(", ");
}

/** Arithmetic, because JavaScript's bit operators stop at 32 bits. */
const hasBit = (mask: number, position: number): boolean => Math.floor(mask / 2 ** position) % 2 === 1;

function payloadOf(text: string): z.infer<typeof PAYLOAD> | undefined {
  const [, payload = "", signature] = text.split(".");
  if (signature === undefined) return undefined;
  try {
    return PAYLOAD.parse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8")));
  } catch {
    return undefined; // whatever it is, it is no JWT
  }
}
