/**
 * The parts of a job that wait for a rank: pulled lazily from scatter, kept for the rank that they are meant for, and taken
 * back when a rank is lost. Pure bookkeeping: an asynchronous scatter is waited for here and holds nobody else up.
 */
import { PlacedPart } from "../kernels/share.ts";

export interface QueuedPart {
  /** 0, 1, 2 … in the order of scatter. */
  readonly number: number;
  readonly value: unknown;
  /** The rank that it is meant for. */
  readonly place: number | undefined;
  /** How often it was lost with a rank. */
  readonly losses: number;
}

/** Parts that wait here at the most before scatter is asked for more; those of lost ranks come on top. */
const mostWaiting = 1024;

export interface QueueSurroundings {
  isLive(rank: number): boolean;
  /** False while scatter shall not be asked. */
  mayPull(): boolean;
  /** An asynchronous scatter has yielded, or has come to its end: `take` may give more now. */
  arrived(): void;
  /** An asynchronous scatter has thrown. */
  failed(error: unknown): void;
}

export class PartQueue {
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  readonly #around: QueueSurroundings;
  /** Meant for a rank that still lives. */
  readonly #placed = new Map<number, QueuedPart[]>();
  #placedCount = 0;
  /** For whoever comes first. */
  readonly #free: QueuedPart[] = [];
  /** How many more parts each rank would have taken. */
  readonly #wanted = new Map<number, number>();
  #wantedSum = 0;
  /** Of an array; what is yielded lazily shows its number at its end only. */
  readonly #length: number | undefined;
  #pulled = 0;
  #exhausted = false;
  /** True when scatter itself came to its end; false where it was cut short. */
  #ended = false;
  /** True while scatter's next part is waited for. */
  #awaited = false;

  constructor(parts: Iterable<unknown> | AsyncIterable<unknown>, around: QueueSurroundings) {
    this.#iterator = Symbol.asyncIterator in parts ? parts[Symbol.asyncIterator]() : parts[Symbol.iterator]();
    this.#around = around;
    this.#length = Array.isArray(parts) ? parts.length : undefined;
  }

  /** How many parts scatter has yielded so far. */
  get pulled(): number {
    return this.#pulled;
  }

  /** True when scatter has nothing more to yield. */
  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** How many parts there are in all, as far as that is known. */
  get total(): number | undefined {
    return this.#length ?? (this.#ended ? this.#pulled : undefined);
  }

  /** How many parts were pulled and wait for a rank. */
  get waiting(): number {
    return this.#free.length + this.#placedCount;
  }

  /** Up to `count` parts for this rank, as far as they are there; what waits here comes before what scatter yields. */
  take(rank: number, count: number): QueuedPart[] {
    const out: QueuedPart[] = [];
    while (out.length < count) {
      const next = this.#takePlaced(rank) ?? this.#free.shift();
      if (next) out.push(next);
      else if (!this.#pull()) break;
    }
    this.#setWanted(rank, count - out.length);
    return out;
  }

  /** Which of these ranks there are parts of their own for. */
  placesAmong(ranks: Iterable<number> & { has(rank: number): boolean; readonly size: number }): number[] {
    if (this.#placed.size < ranks.size) return [...this.#placed.keys()].filter((rank) => ranks.has(rank));
    return this.#placed.size === 0 ? [] : [...ranks].filter((rank) => this.#placed.has(rank));
  }

  /** Parts that a lost rank had, for anybody else. */
  giveBack(parts: readonly QueuedPart[]): void {
    this.#free.unshift(...parts.map((part) => ({ ...part, place: undefined, losses: part.losses + 1 })));
    this.#free.sort((a, b) => a.number - b.number);
  }

  /** What waits for this rank is for anybody now. */
  rankLost(rank: number): void {
    for (let part = this.#takePlaced(rank); part; part = this.#takePlaced(rank)) this.#free.push(part);
    this.#setWanted(rank, 0);
    this.#free.sort((a, b) => a.number - b.number);
  }

  /** Lets scatter run its `finally`. */
  async close(): Promise<void> {
    if (this.#exhausted) return;
    this.#exhausted = true;
    await this.#iterator.return?.();
  }

  /** Asks scatter for one more part; true when it is there now. */
  #pull(): boolean {
    if (this.#awaited || !this.#mayPull()) return false;
    const step = this.#iterator.next();
    if (!isThenable(step)) return this.#accept(step);
    void this.#pullAsync(step);
    return false;
  }

  /** Waits for scatter, and goes on as long as ranks want more: parts that come in quick succession travel together. */
  async #pullAsync(first: PromiseLike<IteratorResult<unknown>>): Promise<void> {
    this.#awaited = true;
    try {
      for (let step = first; this.#accept(await step) && this.#isWanted() && this.#mayPull(); ) {
        this.#around.arrived();
        step = this.#iterator.next() as Promise<IteratorResult<unknown>>;
      }
      this.#awaited = false;
      this.#around.arrived();
    } catch (error) {
      this.#around.failed(error);
    }
  }

  #mayPull(): boolean {
    return !this.#exhausted && this.waiting < mostWaiting && this.#around.mayPull();
  }

  #isWanted(): boolean {
    return this.#free.length < this.#wantedSum;
  }

  #setWanted(rank: number, count: number): void {
    this.#wantedSum += count - (this.#wanted.get(rank) ?? 0);
    this.#wanted.set(rank, count);
  }

  /** False when that was the end. */
  #accept({ done, value }: IteratorResult<unknown>): boolean {
    if (done && !this.#exhausted) this.#ended = true;
    if (done) this.#exhausted = true;
    if (this.#exhausted) return false;
    const part = this.#numbered(value);
    if (part.place === undefined || !this.#around.isLive(part.place)) this.#free.push(part);
    else this.#putAside(part, part.place);
    return true;
  }

  #numbered(value: unknown): QueuedPart {
    const number = this.#pulled++;
    return value instanceof PlacedPart
      ? { number, value: value.part, place: value.rank, losses: 0 }
      : { number, value, place: undefined, losses: 0 };
  }

  #takePlaced(rank: number): QueuedPart | undefined {
    const waiting = this.#placed.get(rank);
    const part = waiting?.shift();
    if (part) this.#placedCount -= 1;
    if (waiting?.length === 0) this.#placed.delete(rank);
    return part;
  }

  #putAside(part: QueuedPart, rank: number): void {
    this.#placedCount += 1;
    const waiting = this.#placed.get(rank);
    if (waiting) waiting.push(part);
    else this.#placed.set(rank, [part]);
  }
}

function isThenable<T>(step: T | PromiseLike<T>): step is PromiseLike<T> {
  return typeof step === "object" && step !== null && "then" in step;
}
