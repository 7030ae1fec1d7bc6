/**
 * A matrix as a rank received it: slices one below the other (a) or side by side (b), each dense and row-major.
 * `read` copies a rectangle of it, converted, to where the product is computed.
 */
import type { BigIntArray, NumberArray, TypedArray } from "./dtype.ts";
import type { Rect } from "./panel.ts";

/** Where elements are read to: doubles or floats. */
export type FloatArray = Float64Array | Float32Array;

/** Converts `count` elements of `from`, beginning at index `at`, to `to`, beginning at `to[at2]`. */
export type Load = (from: TypedArray, at: number, count: number, to: FloatArray, toAt: number) => void;

/** A dense, row-major piece of a matrix, and where in it it lies. */
export interface Slice extends Rect {
  readonly data: TypedArray;
}

/** A matrix in slices. */
export interface Operand {
  readonly slices: readonly Slice[];
  readonly rows: number;
  readonly cols: number;
  /** Copies rows × cols elements from (row0, col0) on, densely, to `to[toAt]` and on. */
  read(load: Load, row0: number, rows: number, col0: number, cols: number, to: FloatArray, toAt: number): void;
}

/** Slices of `cols` columns, one below the other. */
export function stacked(slices: readonly TypedArray[], cols: number): Operand {
  const starts = startsOf(slices, cols);
  const rows = starts[slices.length]!;
  return {
    slices: slices.map((data, s) => ({ data, row0: starts[s]!, row1: starts[s + 1]!, col0: 0, col1: cols })),
    rows,
    cols,
    read(load, row0, count, col0, width, to, toAt) {
      let s = 0;
      for (let i = 0; i < count; i++) {
        while (row0 + i >= starts[s + 1]!) s++;
        load(slices[s]!, (row0 + i - starts[s]!) * cols + col0, width, to, toAt + i * width);
      }
    },
  };
}

/** Slices of `rows` rows, side by side. */
export function sideBySide(slices: readonly TypedArray[], rows: number): Operand {
  const starts = startsOf(slices, rows);
  return {
    slices: slices.map((data, s) => ({ data, row0: 0, row1: rows, col0: starts[s]!, col1: starts[s + 1]! })),
    rows,
    cols: starts[slices.length]!,
    read(load, row0, count, col0, width, to, toAt) {
      slices.forEach((slice, s) => {
        const from = Math.max(col0, starts[s]!);
        const end = Math.min(col0 + width, starts[s + 1]!);
        const own = starts[s + 1]! - starts[s]!;
        for (let i = 0; i < count && from < end; i++)
          load(slice, (row0 + i) * own + from - starts[s]!, end - from, to, toAt + i * width + from - col0);
      });
    },
  };
}

/** The first row or column of each slice, and the end of the last one. */
function startsOf(slices: readonly TypedArray[], length: number): number[] {
  const starts = [0];
  for (const slice of slices) starts.push(starts[starts.length - 1]! + slice.length / length);
  return starts;
}

/** Below this many elements a loop beats making a subarray. */
const SHORT = 16;

/** Reads numbers as they are. */
export const loadNumbers: Load = (from, at, count, to, toAt) => {
  const numbers = from as NumberArray;
  if (count > SHORT) to.set(numbers.subarray(at, at + count), toAt);
  else for (let i = 0; i < count; i++) to[toAt + i] = numbers[at + i]!;
};

/** Reads bigints as the nearest doubles, by their words: making a bigint of each would take ten times as long. */
export const loadBigInts: Load = (from, at, count, to, toAt) => {
  const words = wordsOf(from as BigIntArray);
  const signed = isSigned(from);
  for (let i = 0; i < count; i++) {
    const high = words[2 * (at + i) + 1]!;
    to[toAt + i] = (signed ? high | 0 : high) * 2 ** 32 + words[2 * (at + i)]!;
  }
};

/** The 32-bit words of bigints, low word first (all platforms of Node are little-endian). */
export function wordsOf(data: BigIntArray): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);
}

/** True for BigInt64Array, false for BigUint64Array. */
export function isSigned(data: TypedArray): boolean {
  return Object.prototype.toString.call(data) === "[object BigInt64Array]";
}
