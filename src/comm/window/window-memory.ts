/**
 * The memory of one rank that a window shows to others, and what may be done with it by whoever shares memory with that rank: other
 * ranks of its host, and the host's main thread for ranks of other hosts.
 */
import { UsageError } from "../../errors.ts";
import { type TypedArray, type ViewName, viewOver } from "../../wire/typed-arrays.ts";
import type { Op } from "../ops.ts";

/** The arrays that a window can be made of. */
export type WindowArray = TypedArray;

/** It as threads hand it to each other. */
export interface WindowMemory {
  readonly type: ViewName;
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
  /** The words of its locks. */
  readonly control: SharedArrayBuffer;
}

const word = {
  /** -1: one rank has it alone; n > 0: n ranks share it. */
  lock: 0,
  /** Ranks that wait to have it alone: those who would share it let them go first. */
  wanted: 1,
  /** 1 while somebody accumulates. */
  busy: 2,
} as const;

export function freshControl(): SharedArrayBuffer {
  return new SharedArrayBuffer(16);
}

/** Elements that are combined before others get their turn. */
const atOnce = 8192;
/** How long a thread that accumulates may hold the others up, in ms: it was ended in the midst of it. */
const mostBusyMs = 2000;

export class ExposedMemory {
  readonly view: WindowArray;
  readonly #words: Int32Array;

  constructor({ type, buffer, byteOffset, byteLength, control }: WindowMemory) {
    // A SharedArrayBuffer does where the signatures name an ArrayBuffer.
    this.view = viewOver(type, new Uint8Array(buffer, byteOffset, byteLength)) as WindowArray;
    this.#words = new Int32Array(control);
  }

  /** A part of it, not copied. @throws UsageError when it lies outside. */
  part(offset: number, count: number): WindowArray {
    const fits = Number.isSafeInteger(offset) && Number.isSafeInteger(count) && offset >= 0 && count >= 0;
    if (fits && offset + count <= this.view.length) return this.view.subarray(offset, offset + count);
    throw new UsageError(`${count} elements from ${offset} lie outside of the ${this.view.length} of the window.`);
  }

  /**
   * here[i] = here[i] ∘ data[i], each element at once (MPI 4.1 section 12.7.1).
   * @param before gets what was there
   */
  accumulate(op: Op, data: WindowArray, offset: number, before?: WindowArray): void {
    const here = this.part(offset, data.length);
    const step = Math.max(op.width, atOnce - (atOnce % op.width));
    for (let from = 0; from < here.length; from += step) {
      const piece = here.subarray(from, from + step);
      this.#alone(() => {
        before?.subarray(from, from + step).set(piece as never);
        op.combineArrays(piece, data.subarray(from, from + step), piece);
      });
    }
  }

  /** What was there; it is `value` afterwards if that was `compare`. */
  compareAndSwap(compare: number | bigint, value: number | bigint, offset: number): number | bigint {
    const here = this.part(offset, 1);
    let before: number | bigint = 0;
    this.#alone(() => {
      before = here[0]!;
      if (before === compare) here[0] = value as never;
    });
    return before;
  }

  /** A rank begins to wait for having it alone, or gives that up. */
  want(wants: boolean): void {
    Atomics.add(this.#words, word.wanted, wants ? 1 : -1);
  }

  /** True when the lock was free for this, and is taken now. */
  tryLock(exclusive: boolean): boolean {
    const words = this.#words;
    if (exclusive) return Atomics.compareExchange(words, word.lock, 0, -1) === 0;
    for (;;) {
      const holders = Atomics.load(words, word.lock);
      if (holders < 0 || Atomics.load(words, word.wanted) > 0) return false;
      if (Atomics.compareExchange(words, word.lock, holders, holders + 1) === holders) return true;
    }
  }

  unlock(exclusive: boolean): void {
    if (exclusive) Atomics.store(this.#words, word.lock, 0);
    else Atomics.sub(this.#words, word.lock, 1);
  }

  #alone(work: () => void): void {
    const words = this.#words;
    for (let waits = 0; Atomics.compareExchange(words, word.busy, 0, 1) !== 0; waits++) {
      if (waits > mostBusyMs) throw new UsageError("a rank was ended while it accumulated in this window.");
      Atomics.wait(words, word.busy, 1, 1);
    }
    try {
      work();
    } finally {
      Atomics.store(words, word.busy, 0);
      Atomics.notify(words, word.busy, 1);
    }
  }
}
