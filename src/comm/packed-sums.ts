/** The exact sums of many elements, packed for travelling: three bytes and a few 32-bit digits for each. */
import type { ExactSum } from "./exact-sum.ts";

export interface PackedSums {
  /** How many sums. */
  readonly length: number;
  /** For each sum its flags, the place of its lowest digit, and how many digits it has. */
  readonly table: Uint8Array;
  /** The digits of all sums, one after the other. */
  readonly digits: Int32Array;
}

/** The most digits a sum has. */
const MOST_DIGITS = 68;

/** Packs sums one by one. */
export class SumsPacker {
  readonly #table: Uint8Array;
  #digits: Int32Array;
  #sums = 0;
  #used = 0;

  constructor(length: number) {
    this.#table = new Uint8Array(3 * length);
    this.#digits = new Int32Array(4 * length + MOST_DIGITS);
  }

  push(sum: ExactSum): void {
    if (this.#digits.length - this.#used < MOST_DIGITS) {
      const larger = new Int32Array(2 * this.#digits.length);
      larger.set(this.#digits);
      this.#digits = larger;
    }
    const { flags, low, count } = sum.unload(this.#digits, this.#used);
    this.#table.set([flags, low, count], 3 * this.#sums++);
    this.#used += count;
  }

  finish(): PackedSums {
    return { length: this.#sums, table: this.#table, digits: this.#digits.subarray(0, this.#used) };
  }
}

/** Sums `from` to `to` − 1, not copied. */
export function cutPacked({ table, digits }: PackedSums, from: number, to: number): PackedSums {
  const start = digitsBefore(table, 0, from);
  const end = start + digitsBefore(table, from, to);
  return { length: to - from, table: table.subarray(3 * from, 3 * to), digits: digits.subarray(start, end) };
}

/** The sums of one after the other. */
export function joinPacked(pieces: readonly PackedSums[]): PackedSums {
  const table = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.table.length, 0));
  const digits = new Int32Array(pieces.reduce((sum, piece) => sum + piece.digits.length, 0));
  let [inTable, inDigits] = [0, 0];
  for (const piece of pieces) {
    table.set(piece.table, inTable);
    digits.set(piece.digits, inDigits);
    inTable += piece.table.length;
    inDigits += piece.digits.length;
  }
  return { length: table.length / 3, table, digits };
}

/** As arrays that can travel. */
export function packedViews({ table, digits }: PackedSums): [Uint8Array, Int32Array] {
  return [table, digits];
}

/** What `packedViews` gave. */
export function packedFrom(table: ArrayBufferView, digits: ArrayBufferView): PackedSums {
  return { length: table.byteLength / 3, table: table as Uint8Array, digits: digits as Int32Array };
}

function digitsBefore(table: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) count += table[3 * i + 2]!;
  return count;
}
