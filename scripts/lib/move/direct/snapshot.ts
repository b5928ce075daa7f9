/**
 * Connections to the source that all see one moment of it: the first exports its snapshot, the others take it. Where the source
 * can't export one, or the first has been lost, a new connection sees a later moment, and `moments` says that there were several.
 */
import type pg from "pg";
import type { Address } from "../../db/address.ts";
import { openConnection } from "../../db/database.ts";
import { sqlStateOf } from "../../db/pg-errors.ts";
import { readSql } from "../../sql-file.ts";

/** Text that means the same on both sides. Names are written with their schema. */
const CANONICAL = [
  "intervalstyle = 'postgres'",
  "extra_float_digits = 1",
  "bytea_output = 'hex'",
  "standard_conforming_strings = on",
  "xmloption = 'content'",
  "search_path = ''",
  "row_security = off", // a policy that would hide rows is an error, not a smaller table
];

/** Without its operators a key such as citext would be compared as text, and lie on another page than its order says. */
const OPERATORS = `select set_config('search_path', path, false) from (${readSql(new URL("operators.sql", import.meta.url))}) wanted`;

const BEGIN = "begin isolation level repeatable read read only";
/** Wrong object state, not supported, wrong parameter: the snapshot is gone, or was never to be had. */
const NO_SNAPSHOT = new Set(["0A000", "22023", "25001", "42704", "55000"]);

export class SnapshotPool {
  readonly #address: Address;
  readonly #schema: string;
  readonly #all = new Set<pg.Client>();
  readonly #idle: pg.Client[] = [];
  #exporter: Promise<{ readonly client: pg.Client; readonly id: string | undefined }> | undefined;
  #moments = 0;
  #isShared = false;

  constructor(address: Address, schema: string) {
    this.#address = address;
    this.#schema = schema;
  }

  /** How many moments its connections have seen; more than one where the source went away in between. */
  get moments(): number {
    return this.#moments;
  }

  /** The number of the moment that new connections see; undefined where each sees another one. */
  get moment(): number | undefined {
    return this.#isShared ? this.#moments : undefined;
  }

  /** Lends a connection for the time of `work`; one that failed, or was left in the middle of a stream, is not used again. */
  async use<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = this.#idle.pop() ?? (await this.#open());
    let done = false;
    try {
      const result = await work(client);
      done = true;
      return result;
    } finally {
      if (done && this.#all.has(client)) this.#idle.push(client);
      else this.#drop(client);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((client) => client.end().catch(() => undefined)));
    this.#all.clear();
    this.#idle.length = 0;
    this.#exporter = undefined;
  }

  async #open(): Promise<pg.Client> {
    this.#exporter ??= this.#export();
    const { id } = await this.#exporter.catch((error: unknown) => {
      this.#exporter = undefined;
      throw error;
    });
    const client = await this.#connect();
    try {
      await client.query(BEGIN);
      if (id !== undefined) await client.query(`set transaction snapshot '${id}'`);
      return client;
    } catch (error) {
      this.#drop(client);
      if (id === undefined || !NO_SNAPSHOT.has(sqlStateOf(error) ?? "")) throw error;
      this.#exporter = undefined; // its connection was lost, and the moment with it
      return this.#open();
    }
  }

  async #export() {
    const client = await this.#connect();
    this.#moments += 1;
    this.#isShared = false;
    await client.query(BEGIN);
    try {
      const { rows } = await client.query<{ id: string }>("select pg_export_snapshot() as id");
      this.#isShared = true;
      return { client, id: rows[0]?.id };
    } catch (error) {
      this.#drop(client);
      if (!NO_SNAPSHOT.has(sqlStateOf(error) ?? "")) throw error;
      return { client, id: undefined };
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = await openConnection(this.#address);
    this.#all.add(client);
    client.on("error", () => this.#drop(client)).on("end", () => this.#forget(client));
    await client.query(CANONICAL.map((setting) => `set ${setting}`).join("; "));
    await client.query(OPERATORS, [this.#schema]);
    return client;
  }

  #forget(client: pg.Client): void {
    this.#all.delete(client);
    const place = this.#idle.indexOf(client);
    if (place >= 0) this.#idle.splice(place, 1);
  }

  /** The server may still be sending: only closing the socket makes it stop. */
  #drop(client: pg.Client): void {
    this.#forget(client);
    (client as pg.Client & { readonly connection: pg.Connection }).connection.stream.destroy();
  }
}
