/** A real HTTP server on a port of its own that answers as a service would, and fails where it is told to. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A request as the stand-in saw it. */
export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Milliseconds since the stand-in was started. */
  readonly at: number;
}

export interface Answer {
  /** 200 unless given. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string is sent as it stands. */
  readonly body: unknown;
}

/** What goes wrong, and with which requests. */
export interface Fault {
  /** All of them unless given. */
  readonly when?: (asked: Asked) => boolean;
  /** How many requests it hits; 1 unless given. */
  times?: number;
  /** Instead of the service's answer. */
  readonly answer?: Answer;
  /** "reset" breaks the connection in the middle of the body, "truncate" ends it there as if it were whole. */
  readonly cut?: "reset" | "truncate";
  /** Milliseconds before the answer. */
  readonly delayMs?: number;
}

export interface StandIn {
  readonly url: string;
  /** All requests so far, those that met a fault included. */
  readonly asked: Asked[];
  /** The first that fits a request is used up first. */
  readonly faults: Fault[];
  close(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1. The caller closes it. */
export async function startStandIn(answerTo: (asked: Asked) => Answer | Promise<Answer>): Promise<StandIn> {
  const startedAt = performance.now();
  const asked: Asked[] = [];
  const faults: Fault[] = [];
  const server = createServer((request, response) => {
    void serve(request, response).catch((error) => response.destroy(error));
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = performance.now() - startedAt;
    const one = askedOf(request, Buffer.concat(await request.toArray()).toString(), at);
    asked.push(one);
    const fault = faults.find(({ when, times = 1 }) => times > 0 && (when?.(one) ?? true));
    if (fault !== undefined) fault.times = (fault.times ?? 1) - 1;
    if (fault?.delayMs !== undefined) await sleep(fault.delayMs, undefined, { ref: false }); // a test may be over before
    send(response, fault?.answer ?? (await answerTo(one)), fault?.cut);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    faults,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function askedOf({ method = "GET", url = "/", headers }: IncomingMessage, body: string, at: number): Asked {
  const { pathname, searchParams } = new URL(url, "http://stand-in");
  const plain = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return {
    method,
    path: decodeURIComponent(pathname),
    query: searchParams,
    headers: Object.fromEntries(plain),
    body,
    at,
  };
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: Answer, cut?: Fault["cut"]): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? "text/html; charset=utf-8" : "application/json";
  response.writeHead(status, { "content-type": type, ...headers });
  if (cut === undefined) response.end(text);
  else if (cut === "truncate") response.end(text.slice(0, text.length / 2));
  else response.write(text.slice(0, text.length / 2), () => response.destroy());
}
