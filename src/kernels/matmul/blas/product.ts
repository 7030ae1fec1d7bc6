/**
 * The product of two matrices of floats by a BLAS library, straight from the slices in which they came to where the result
 * lies: nothing is copied. In panels of some ten milliseconds, between which a cancel is seen.
 */
import { zeros } from "../dtype.ts";
import type { FloatArray, Operand, Slice } from "../operand.ts";
import type { Step } from "../tile.ts";
import type { Blas } from "./blas.ts";

/** Rows of a panel: so often the library uses what it has packed of b. */
const ROWS = 512;
/** Terms that are summed in one call. Fixed: how a sum is cut shows in its last bits. */
const DEPTH = 512;
/** Columns of a panel, between these two, as the machine is fast. */
const COLS = { least: 64, most: 2048 } as const;
/** How long a call should take, in ms. */
const SOON_MS = 5;
const LATE_MS = 20;

/** What the last calls of this thread have shown to be a good width. */
let cols = 512;

/** a · b as a dense row-major array; both hold elements of `type` already. Calls `step` after each panel. */
export function blasProduct(blas: Blas, a: Operand, b: Operand, type: "float64" | "float32", step: Step): FloatArray {
  const c = zeros(type, a.rows * b.cols) as FloatArray;
  for (const left of a.slices)
    for (const right of b.slices)
      for (const [row0, rows] of stretches(left.row0, left.row1, ROWS))
        for (let col0 = right.col0; col0 < right.col1; ) {
          const width = Math.min(cols, right.col1 - col0);
          multiplyPanel(blas, left, right, { data: c, stride: b.cols }, { row0, rows, col0, cols: width }, step);
          col0 += width;
        }
  return c;
}

interface Rows {
  readonly row0: number;
  readonly rows: number;
  readonly col0: number;
  readonly cols: number;
}

/** One panel of the result, over all of k. */
function multiplyPanel(
  blas: Blas,
  left: Slice,
  right: Slice,
  c: { readonly data: FloatArray; readonly stride: number },
  { row0, rows, col0, cols: width }: Rows,
  step: Step,
): void {
  const into = { ...c, at: row0 * c.stride + col0 };
  for (const [p, depth] of stretches(0, right.row1, DEPTH)) {
    const startedMs = performance.now();
    blas.multiply(rows, width, depth, partOf(left, row0, p), partOf(right, p, col0), into, p > 0);
    adapt(performance.now() - startedMs, width);
    step(rows * width * depth);
  }
}

function partOf({ data, row0, col0, col1 }: Slice, row: number, col: number) {
  const stride = col1 - col0;
  return { data: data as FloatArray, at: (row - row0) * stride + col - col0, stride };
}

function adapt(tookMs: number, width: number): void {
  if (tookMs > LATE_MS) cols = Math.max(COLS.least, Math.min(cols, width >> 1));
  else if (tookMs < SOON_MS && width === cols) cols = Math.min(COLS.most, cols * 2);
}

/** [from, to) in pieces of at most `most`, each as its start and length. */
function* stretches(from: number, to: number, most: number): Generator<readonly [number, number]> {
  for (let at = from; at < to; at += most) yield [at, Math.min(most, to - at)];
}
