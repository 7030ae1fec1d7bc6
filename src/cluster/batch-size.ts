/**
 * How many parts go to a rank together. Tiny parts share one message; parts that take long, or are big, go alone. Measured
 * as the job goes, per rank, so that slow hosts get smaller batches.
 */

import { batchMs } from "../pace.ts";

const targetBytes = 1 << 20;
const largest = 4096;

export class BatchSize {
  readonly #targetMs: number;
  #msPerPart: number | undefined;
  #bytesPerPart = 0;
  #last = 1;

  /** @param targetMs how long a batch should take to compute */
  constructor(targetMs: number) {
    this.#targetMs = targetMs;
  }

  /**
   * The next batch: 1 until something was measured, then what is worth the while, but at most double the last one: when the
   * first parts are quick and the later ones slow, one rank must not have been given them all.
   */
  next(): number {
    if (this.#msPerPart === undefined) return 1;
    const byTime = this.#targetMs / Math.max(this.#msPerPart, this.#targetMs / largest);
    const byBytes = targetBytes / Math.max(this.#bytesPerPart, targetBytes / largest);
    return Math.max(1, Math.floor(Math.min(byTime, byBytes, 2 * this.#last)));
  }

  computed(parts: number, ms: number): void {
    if (parts > 0) this.#msPerPart = blend(this.#msPerPart, ms / parts);
  }

  sent(parts: number, bytes: number): void {
    this.#bytesPerPart = blend(this.#bytesPerPart, bytes / parts);
    this.#last = parts;
  }
}

/** The batches of all ranks, and their sum, which is kept and not counted anew. */
export class BatchSizes {
  readonly #sizes: readonly BatchSize[];
  #sum: number;

  constructor(ranks: number) {
    this.#sizes = Array.from({ length: ranks }, () => new BatchSize(batchMs(ranks)));
    this.#sum = ranks;
  }

  /** What one batch for each rank comes to. */
  get sum(): number {
    return this.#sum;
  }

  next(rank: number): number {
    return this.#sizes[rank].next();
  }

  computed(rank: number, parts: number, ms: number): void {
    this.#changed(rank, (size) => size.computed(parts, ms));
  }

  sent(rank: number, parts: number, bytes: number): void {
    this.#changed(rank, (size) => size.sent(parts, bytes));
  }

  #changed(rank: number, change: (size: BatchSize) => void): void {
    const size = this.#sizes[rank];
    this.#sum -= size.next();
    change(size);
    this.#sum += size.next();
  }
}

/** Follows growth at once and decline slowly, so that one quick part among slow ones doesn't make a long batch. */
function blend(before: number | undefined, now: number): number {
  return before === undefined || now > before ? now : 0.5 * before + 0.5 * now;
}
