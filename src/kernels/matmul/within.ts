/**
 * Whole numbers stored as an integer type, or refused where the type cannot hold them. numpy would wrap them silently.
 */
import { type DType, integerRange, type NumberArray, type TypedArray, zeros } from "./dtype.ts";
import { ROWS_PER_STEP, type Step, type Tile } from "./tile.ts";

/** A sum that its type cannot hold. */
export interface Overflow {
  readonly row: number;
  readonly col: number;
  /** The sum, exactly, or "about …" when it is beyond 2^100. */
  readonly sum: string;
}

/** An integer matrix that takes tiles of whole doubles. */
export interface IntegerStore {
  readonly out: TypedArray;
  /** Stores the tile's elements `values[i * width + j]`, and returns the first that doesn't fit. Calls `step` now and then. */
  put(tile: Tile, values: Float64Array, width: number, step: Step): Overflow | undefined;
}

/** A store for a matrix of an integer type. 64-bit elements are written by their words, without making bigints. */
export function integerStore(dtype: DType, rows: number, cols: number): IntegerStore {
  const out = zeros(dtype, rows * cols);
  const { min, max } = integerRange(dtype);
  const [low, high] = [Number(min), Number(max)];
  const words = out.BYTES_PER_ELEMENT === 8 ? new Int32Array(out.buffer) : undefined;
  return { out, put };

  function put({ row0, rows, col0, cols: count }: Tile, values: Float64Array, width: number, step: Step) {
    for (let i = 0; i < rows; i++) {
      const row = values.subarray(i * width, i * width + count);
      const outside = indexOutside(row, low, high);
      if (outside >= 0) return { row: row0 + i, col: col0 + outside, sum: String(BigInt(row[outside]!)) };
      const at = (row0 + i) * cols + col0;
      if (words) putWords(words, at, row);
      else (out as NumberArray).set(row, at);
      if (i % ROWS_PER_STEP === 0) step(0);
    }
    return undefined;
  }
}

function indexOutside(values: Float64Array, low: number, high: number): number {
  for (let j = 0; j < values.length; j++) if (values[j]! < low || values[j]! > high) return j;
  return -1;
}

function putWords(words: Int32Array, at: number, values: Float64Array): void {
  for (let j = 0; j < values.length; j++) {
    const value = values[j]!;
    words[2 * (at + j)] = value % 2 ** 32;
    words[2 * (at + j) + 1] = Math.floor(value / 2 ** 32);
  }
}
