/** What node and undici report where an exchange broke off, in words of our own. */
import type { Asked } from "./answer.ts";
import { ItemRefused, Unreachable } from "./errors.ts";

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "that name is not known",
  EAI_AGAIN: "that name can't be looked up",
  EHOSTUNREACH: "no way leads there",
  ENETUNREACH: "no way leads there",
  ETIMEDOUT: "nobody answered in time",
  UND_ERR_CONNECT_TIMEOUT: "nobody answered in time",
  "bad port": "browsers and node ask nothing of that port",
  CERT_HAS_EXPIRED: "its TLS identity has run out",
  ERR_TLS_CERT_ALTNAME_INVALID: "its TLS identity is that of another host",
};

/** OpenSSL's and node's own names for what is wrong with TLS. */
const IDENTITY = /^(CERT_|ERR_TLS|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_)/;
const PROTOCOL = /^(EPROTO$|ERR_SSL)/;

/** What a failed exchange amounts to; undefined where it is not the network's fault. */
export function networkFailure(
  error: unknown,
  { service, path }: Asked,
  origin: string,
): Unreachable | ItemRefused | undefined {
  const cause = rootOf(error);
  // What an answer that is cut off comes to has a cause or not, and its message only.
  const code = codeOf(cause) || (cause as Error).message;
  const why = UNREACHABLE[code] ?? troubleWithTls(code);
  if (why !== undefined) return new Unreachable(`${service} does not answer at ${origin}: ${why}.`, { cause });
  if (cause === error && code !== "terminated") return undefined;
  return new ItemRefused(`${service} broke off its answer to ${path}.`, { code: "NETWORK", cause });
}

function troubleWithTls(code: string): string | undefined {
  if (PROTOCOL.test(code)) return "it does not speak TLS as expected";
  return IDENTITY.test(code) ? "its TLS identity can't be verified" : undefined;
}

/** `fetch` wraps what happened; a host of several addresses has several errors, of which one is enough. */
function rootOf(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return error;
  const { cause, errors } = error as { cause?: unknown; errors?: readonly unknown[] };
  const inner = errors?.[0] ?? cause;
  return inner === undefined ? error : rootOf(inner);
}

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException | undefined)?.code ?? "");
