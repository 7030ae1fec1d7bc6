/**
 * Shared memory for values that are lent for the time of a job, and go to the next job with an array of the same size. What no job
 * has asked for again in a while goes back to the system. Its counterpart for what is received and at once done with is received-memory.ts.
 */
import { shared } from "../wire/chunks.ts";

/** How long memory is kept that no job uses, in ms. */
const keptMs = 10_000;
/** Shorter arrays are not worth it. */
const leastBytes = 1 << 16;

export class LentMemory {
  readonly #free = new Map<number, ArrayBufferLike[]>();
  #timer: NodeJS.Timeout | undefined;

  /** Memory for an array of so many bytes. What lies in it before is of no meaning. */
  readonly place = (bytes: number): Uint8Array => {
    const used = this.#free.get(bytes)?.pop();
    return used ? new Uint8Array(used) : shared(bytes);
  };

  /** Nobody looks at these arrays any more: they are all that the job that has ended last was lent. */
  giveBack(arrays: readonly Uint8Array[]): void {
    this.clear(); // what that job had no use for
    for (const { byteLength, buffer } of arrays) {
      if (byteLength < leastBytes) continue;
      const free = this.#free.get(byteLength);
      if (free) free.push(buffer);
      else this.#free.set(byteLength, [buffer]);
    }
    if (this.#free.size > 0) this.#timer = setTimeout(() => this.clear(), keptMs).unref();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#free.clear();
  }
}
