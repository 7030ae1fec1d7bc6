/**
 * Places in shared memory for pieces of large messages. One side takes a place, fills it and says so by a fragment; the other
 * empties it and gives it back. Each rank has such memory for what it sends within its host (asked for, or not), for what it sends to other
 * hosts, and for what comes from there.
 */

/** How many places there are, and the most bytes of one piece. */
export interface Places {
  readonly count: number;
  readonly bytes: number;
}

/** Within a host: small enough that a piece is still in the processor's cache when the other side copies it. */
export const nearPlaces: Places = { count: 8, bytes: 1 << 18 };

/** For whole messages within a host that nobody has asked for yet. */
export const parkingPlaces: Places = { count: 8, bytes: 1 << 17 };

/** Between hosts: as long as a frame may be, since every piece has to wake six threads on its way. */
export const farPlaces: Places = { count: 8, bytes: 1 << 20 };

/** A word for each place: 1 while it is taken. */
const frontBytes = 64;

export class Staging {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #places: Places;

  static byteLength({ count, bytes }: Places): number {
    return frontBytes + count * bytes;
  }

  constructor(buffer: SharedArrayBuffer, byteOffset: number, places: Places) {
    this.#words = new Int32Array(buffer, byteOffset, places.count);
    this.#bytes = new Uint8Array(buffer, byteOffset + frontBytes, places.count * places.bytes);
    this.#places = places;
  }

  /** True when a place can be taken. */
  get hasPlace(): boolean {
    return this.#firstFree() >= 0;
  }

  /** A free place, now taken; -1 when there is none. For one side only. */
  take(): number {
    const place = this.#firstFree();
    if (place >= 0) Atomics.store(this.#words, place, 1);
    return place;
  }

  giveBack(place: number): void {
    Atomics.store(this.#words, place, 0);
  }

  at(place: number, length: number): Uint8Array {
    const from = place * this.#places.bytes;
    return this.#bytes.subarray(from, from + length);
  }

  /** The first one: what was just used is still in the processor's cache. */
  #firstFree(): number {
    for (let place = 0; place < this.#places.count; place++) if (Atomics.load(this.#words, place) === 0) return place;
    return -1;
  }
}
