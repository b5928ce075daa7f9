const ID_BYTES = 16;
const FIRST_SLOTS = 1_024;
/** Fuller than this, a table takes longer and longer to search. */
const MOST_FULL = 0.7;

/** Ids, 16 bytes each; with `values`, each with another id. An open-addressing table in one piece of memory. */
export class IdTable {
  readonly #width: number;
  #slots = FIRST_SLOTS;
  #bytes: Buffer;
  #size = 0;

  constructor({ values = false } = {}) {
    this.#width = values ? 2 * ID_BYTES : ID_BYTES;
    this.#bytes = Buffer.alloc(this.#slots * this.#width);
  }

  get size(): number {
    return this.#size;
  }

  has(id: string): boolean {
    return !this.#isFree(this.#placeOf(bytesOf(id)));
  }

  get(id: string): string | undefined {
    const place = this.#placeOf(bytesOf(id));
    return this.#isFree(place) ? undefined : idOf(this.#bytes.subarray(place + ID_BYTES, place + 2 * ID_BYTES));
  }

  /** Returns whether it is new. One that is there keeps its value. */
  add(id: string, value?: string): boolean {
    const key = bytesOf(id);
    const place = this.#placeOf(key);
    if (!this.#isFree(place)) return false;
    key.copy(this.#bytes, place);
    if (value !== undefined) bytesOf(value).copy(this.#bytes, place + ID_BYTES);
    this.#size += 1;
    if (this.#size > this.#slots * MOST_FULL) this.#grow();
    return true;
  }

  #grow(): void {
    const old = this.#bytes;
    this.#slots *= 2;
    this.#bytes = Buffer.alloc(this.#slots * this.#width);
    for (let place = 0; place < old.length; place += this.#width) {
      const entry = old.subarray(place, place + this.#width);
      if (!isEmpty(entry)) entry.copy(this.#bytes, this.#placeOf(entry.subarray(0, ID_BYTES)));
    }
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
