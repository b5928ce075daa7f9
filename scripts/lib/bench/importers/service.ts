/** A service on this machine that gives made-up threads, some with each request. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { makeThreads, THREAD_MESSAGES } from "./threads.ts";

/** With each request. */
const THREADS = 2;

/** Does the work while the service answers; it is told the address. */
export async function withService<T>(requests: number, work: (url: string) => Promise<T>): Promise<T> {
  const threads = [...makeThreads(requests * THREADS * THREAD_MESSAGES)];
  const server = createServer((request, response) => {
    const page = Number(new URL(request.url ?? "/", "http://service").searchParams.get("page"));
    const body = { threads: threads.slice(page * THREADS, (page + 1) * THREADS) };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
