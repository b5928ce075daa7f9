import pg from "pg";

/** Connects to a database that a demo has left on the server of this URL. */
export async function withDemo<T>(adminUrl: string, name: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return connected(url.href, work);
}

/** Drops it. */
export const dropDemo = (adminUrl: string, name: string): Promise<unknown> =>
  connected(adminUrl, (admin) => admin.query(`drop database if exists ${name}`));

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
