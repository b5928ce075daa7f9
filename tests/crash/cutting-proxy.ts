/** A way to a server that cuts a connection in its commit: before the commit is passed on, behind it, or behind its answer. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Where a commit is cut. Only PostgreSQL knows whether one that got through was done. */
export type Cut = "before" | "sent" | "answered";

export interface CuttingProxy {
  /** The server's URL by way of the proxy. */
  readonly url: string;
  /** The cuts so far, in order. */
  readonly cuts: readonly Cut[];
  close(): Promise<void>;
}

/** What `pg` sends for a commit: the statement as a simple query. */
const COMMIT = Buffer.from("commit\0");

/** Listens on a port of its own; asks `cutNext` at each commit how it is to be cut, if at all. */
export async function startCuttingProxy(url: string, cutNext: () => Cut | undefined): Promise<CuttingProxy> {
  const { hostname, port } = new URL(url);
  const cuts: Cut[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) keep(socket);
    const end = () => {
      client.destroy();
      upstream.end(); // what was passed on still reaches the server
    };
    let cut: Cut | undefined;
    client.on("data", (data) => {
      cut = data.includes(COMMIT) ? cutNext() : undefined;
      if (cut !== undefined) cuts.push(cut);
      if (cut !== "before") upstream.write(data);
      if (cut === "before" || cut === "sent") end();
    });
    upstream.on("data", (data) => (cut === "answered" ? end() : client.write(data)));
    client.on("close", () => upstream.end());
    upstream.on("close", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: ours } = server.address() as AddressInfo;
  return {
    url: Object.assign(new URL(url), { hostname: "127.0.0.1", port: String(ours) }).href,
    cuts,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
