/**
 * The parts of a job that wait for a rank: pulled lazily from scatter, kept for the rank that they are meant for, and taken
 * back when a rank is lost. Pure bookkeeping.
 */
import { PlacedPart } from "../kernels/share.ts";

/** Scatter is asked no further while so many parts for other ranks wait here: it may yield them without end. */
const mostPutAside = 4096;

export interface QueuedPart {
  /** 0, 1, 2 … in the order of scatter. */
  readonly number: number;
  readonly value: unknown;
  /** The rank that it is meant for. */
  readonly place: number | undefined;
  /** How often it was lost with a rank. */
  readonly losses: number;
}

export class PartQueue {
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  /** Meant for a rank that still lives. */
  readonly #placed = new Map<number, QueuedPart[]>();
  /** For whoever comes first. */
  readonly #free: QueuedPart[] = [];
  readonly #isLive: (rank: number) => boolean;
  /** Of an array; what is yielded lazily shows its number at its end only. */
  readonly #length: number | undefined;
  #putAside = 0;
  #pulled = 0;
  #exhausted = false;

  constructor(parts: Iterable<unknown> | AsyncIterable<unknown>, isLive: (rank: number) => boolean) {
    this.#iterator = Symbol.asyncIterator in parts ? parts[Symbol.asyncIterator]() : parts[Symbol.iterator]();
    this.#isLive = isLive;
    this.#length = Array.isArray(parts) ? parts.length : undefined;
  }

  /** How many parts scatter has yielded so far. */
  get pulled(): number {
    return this.#pulled;
  }

  /** How many parts there are in all, as far as that is known. */
  get total(): number | undefined {
    return this.#exhausted ? this.#pulled : this.#length;
  }

  /** True when scatter has nothing more to yield. */
  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** True when something that was pulled waits for a rank. */
  hasWaiting(): boolean {
    return this.#free.length > 0 || [...this.#placed.values()].some((parts) => parts.length > 0);
  }

  /**
   * Up to `count` parts for this rank; none when all that is left is meant for others. What waits here comes first;
   * scatter is asked only while `mayPull()`.
   */
  async take(rank: number, count: number, mayPull: () => boolean): Promise<QueuedPart[]> {
    const out: QueuedPart[] = [];
    while (out.length < count) {
      const next = this.#takePlaced(rank) ?? this.#free.shift() ?? (mayPull() ? await this.#pullFor(rank) : undefined);
      if (!next) break;
      out.push(next);
    }
    return out;
  }

  /** Parts that a lost rank had, for anybody else. */
  giveBack(parts: readonly QueuedPart[]): void {
    this.#free.unshift(...parts.map((part) => ({ ...part, place: undefined, losses: part.losses + 1 })));
    this.#free.sort((a, b) => a.number - b.number);
  }

  /** What waits for this rank is for anybody now. */
  rankLost(rank: number): void {
    const parts = this.#placed.get(rank) ?? [];
    this.#placed.delete(rank);
    this.#putAside -= parts.length;
    this.#free.push(...parts);
    this.#free.sort((a, b) => a.number - b.number);
  }

  /** Lets scatter run its `finally`. */
  async close(): Promise<void> {
    if (!this.#exhausted) await this.#iterator.return?.();
    this.#exhausted = true;
  }

  /** The next part for this rank; parts for other ranks that come before it are put aside. */
  async #pullFor(rank: number): Promise<QueuedPart | undefined> {
    while (!this.#exhausted && this.#putAside < mostPutAside) {
      const step = this.#iterator.next();
      // Not awaited where it needs not be: that would cost a turn for every part.
      const { done, value } = "then" in step ? await step : step;
      if (done) {
        this.#exhausted = true;
        return undefined;
      }
      const part = this.#numbered(value);
      if (part.place === undefined || part.place === rank || !this.#isLive(part.place)) return part;
      this.#keepFor(part.place, part);
    }
    return undefined;
  }

  #numbered(value: unknown): QueuedPart {
    const number = this.#pulled++;
    return value instanceof PlacedPart
      ? { number, value: value.part, place: value.rank, losses: 0 }
      : { number, value, place: undefined, losses: 0 };
  }

  #keepFor(rank: number, part: QueuedPart): void {
    this.#putAside++;
    const waiting = this.#placed.get(rank);
    if (waiting) waiting.push(part);
    else this.#placed.set(rank, [part]);
  }

  #takePlaced(rank: number): QueuedPart | undefined {
    const part = this.#placed.get(rank)?.shift();
    if (part) this.#putAside--;
    return part;
  }
}
