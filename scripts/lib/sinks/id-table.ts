const ID_BYTES = 16;
const SHARDS = 256;
const FIRST_SLOTS = 32;
/** Fuller than this, a table takes longer and longer to search. */
const MOST_FULL = 0.7;

/** Ids, 16 bytes each; with `values`, each with another id. Spread over shards, so that no growing of one takes long. */
export class IdTable {
  readonly #width: number;
  readonly #shards: (Shard | undefined)[] = Array.from({ length: SHARDS });
  readonly #below: IdTable | undefined;

  /** Over another table: what is there is here, too, and what is added here does not reach it. */
  constructor({ values = false, below }: { readonly values?: boolean; readonly below?: IdTable } = {}) {
    this.#width = values ? 2 * ID_BYTES : ID_BYTES;
    this.#below = below;
  }

  get size(): number {
    return this.#shards.reduce((sum, shard) => sum + (shard?.size ?? 0), 0);
  }

  has(id: string): boolean {
    const key = bytesOf(id);
    return this.#shards[placeIn(key)]?.get(key) !== undefined || (this.#below?.has(id) ?? false);
  }

  get(id: string): string | undefined {
    const key = bytesOf(id);
    const entry = this.#shards[placeIn(key)]?.get(key);
    return entry === undefined ? this.#below?.get(id) : idOf(entry.subarray(ID_BYTES));
  }

  /** Returns whether it is new. One that is there keeps its value. */
  add(id: string, value?: string): boolean {
    if (this.has(id)) return false;
    const key = bytesOf(id);
    const shard = this.#shards[placeIn(key)] ?? new Shard(this.#width);
    this.#shards[placeIn(key)] = shard;
    shard.add(key, value === undefined ? undefined : bytesOf(value));
    return true;
  }

  /** Adds all of this to the table below. */
  sink(): void {
    for (const shard of this.#shards)
      for (const entry of shard?.entries() ?? []) {
        const value = entry.length > ID_BYTES ? idOf(entry.subarray(ID_BYTES)) : undefined;
        this.#below?.add(idOf(entry.subarray(0, ID_BYTES)), value);
      }
  }
}

/** Which shard an id belongs to: by a byte that holds nothing of a UUID's version. */
const placeIn = (key: Buffer): number => key.readUInt8(5);

/** An open-addressing table in one piece of memory. */
class Shard {
  readonly #width: number;
  #slots = FIRST_SLOTS;
  #bytes: Buffer;
  #size = 0;

  constructor(width: number) {
    this.#width = width;
    this.#bytes = Buffer.alloc(this.#slots * width);
  }

  get size(): number {
    return this.#size;
  }

  /** The id with what belongs to it. */
  get(key: Buffer): Buffer | undefined {
    const place = this.#placeOf(key);
    return this.#isFree(place) ? undefined : this.#bytes.subarray(place, place + this.#width);
  }

  add(key: Buffer, value: Buffer | undefined): void {
    const place = this.#placeOf(key);
    key.copy(this.#bytes, place);
    value?.copy(this.#bytes, place + ID_BYTES);
    this.#size += 1;
    if (this.#size > this.#slots * MOST_FULL) this.#grow();
  }

  *entries(bytes = this.#bytes): Generator<Buffer> {
    for (let place = 0; place < bytes.length; place += this.#width) {
      const entry = bytes.subarray(place, place + this.#width);
      if (!isEmpty(entry)) yield entry;
    }
  }

  #grow(): void {
    const old = this.#bytes;
    this.#slots *= 2;
    this.#bytes = Buffer.alloc(this.#slots * this.#width);
    for (const entry of this.entries(old)) entry.copy(this.#bytes, this.#placeOf(entry.subarray(0, ID_BYTES)));
  }

  /** Where the id stands, or would. Ids of ours are hashes already. */
  #placeOf(key: Buffer): number {
    for (let slot = (key.readUInt32BE(0) ^ key.readUInt32BE(12)) >>> 0; ; slot++) {
      const place = (slot % this.#slots) * this.#width;
      if (this.#isFree(place) || key.equals(this.#bytes.subarray(place, place + ID_BYTES))) return place;
    }
  }

  #isFree(place: number): boolean {
    return isEmpty(this.#bytes.subarray(place, place + ID_BYTES));
  }
}

/** The id of nothing marks a free slot; no row of ours has it. */
const isEmpty = (entry: Buffer): boolean => {
  for (let at = 0; at < ID_BYTES; at += 4) if (entry.readUInt32BE(at) !== 0) return false;
  return true;
};

const bytesOf = (id: string): Buffer => Buffer.from(id.replaceAll("-", ""), "hex");
const idOf = (bytes: Buffer): string => bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
