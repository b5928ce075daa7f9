/** What node and undici report where an exchange broke off, in words of our own. */
import { messageOf } from "../errors.ts";
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
  EPROTO: "it does not speak TLS as expected",
  "bad port": "browsers and node ask nothing of that port",
  CERT_HAS_EXPIRED: "its TLS identity has run out",
  ERR_TLS_CERT_ALTNAME_INVALID: "its TLS identity is that of another host",
};

/** OpenSSL's and node's own names for what is wrong with TLS. */
const TLS = /^(CERT_|ERR_TLS|ERR_SSL|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_)/;

/** What a failed exchange amounts to; undefined where it is not the network's fault. */
export function networkFailure(
  error: unknown,
  { service, path }: Asked,
  origin: string,
): Unreachable | ItemRefused | undefined {
  const cause = rootOf(error);
  const code = codeOf(cause) || messageOf(cause);
  const why = UNREACHABLE[code] ?? (TLS.test(code) ? "its TLS identity can't be verified" : undefined);
  if (why !== undefined) return new Unreachable(`${service} does not answer at ${origin}: ${why}.`, { cause });
  if (cause === error && codeOf(error) === "") return undefined;
  return new ItemRefused(`${service} broke off its answer to ${path}.`, { code: "NETWORK", cause });
}

/** `fetch` wraps what happened; a host of several addresses has several errors, of which one is enough. */
function rootOf(error: unknown): unknown {
  if (!(error instanceof Object)) return error;
  const { cause, errors } = error as { cause?: unknown; errors?: readonly unknown[] };
  const inner = errors?.[0] ?? cause;
  return inner === undefined ? error : rootOf(inner);
}

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException | undefined)?.code ?? "");
