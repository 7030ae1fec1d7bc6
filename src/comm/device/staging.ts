/**
 * Places in shared memory for pieces of large messages. One side takes a place, fills it and says so by a fragment; the other
 * empties it and gives it back. Each rank has such memory for what it sends, and for what comes from other hosts.
 */

/** Most bytes of one piece. */
export const placeBytes = 1 << 18;
/** Places of one staging. */
export const places = 8;
/** A word for each place: 1 while it is taken. */
const frontBytes = 64;

export const stagingBytes = frontBytes + places * placeBytes;

export class Staging {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(buffer: SharedArrayBuffer, byteOffset: number) {
    this.#words = new Int32Array(buffer, byteOffset, places);
    this.#bytes = new Uint8Array(buffer, byteOffset + frontBytes, places * placeBytes);
  }

  /** True when a place can be taken. */
  get hasPlace(): boolean {
    for (let place = 0; place < places; place++) if (Atomics.load(this.#words, place) === 0) return true;
    return false;
  }

  /** A free place, now taken; -1 when there is none. For one side only. */
  take(): number {
    // The first one: what was just used is still in the processor's cache.
    for (let place = 0; place < places; place++)
      if (Atomics.load(this.#words, place) === 0) {
        Atomics.store(this.#words, place, 1);
        return place;
      }
    return -1;
  }

  giveBack(place: number): void {
    Atomics.store(this.#words, place, 0);
  }

  at(place: number, length: number): Uint8Array {
    const from = place * placeBytes;
    return this.#bytes.subarray(from, from + length);
  }
}
