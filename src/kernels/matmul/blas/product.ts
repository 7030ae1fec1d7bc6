/**
 * The product of two matrices of floats by a BLAS library, straight from the slices in which they came to where the result
 * lies: nothing is copied. In panels of a hundredth of a second on a fast core, between which a cancel is seen.
 */
import { zeros } from "../dtype.ts";
import type { FloatArray, Operand, Slice } from "../operand.ts";
import type { Step, Tile } from "../tile.ts";
import type { Blas } from "./blas.ts";

/** Rows of a panel: so often the library uses what it has packed of b. */
const ROWS = 512;
/** Columns of a panel: so often it uses what it has packed of a. A narrow panel costs more than any other. */
const COLS = 2048;
/** Terms that are summed in one call. Fixed, as all three are: how a sum is cut shows in its last bits. */
const DEPTH = 256;

/** a · b as a dense row-major array; both hold elements of `type` already. Calls `step` after each panel. */
export function blasProduct(blas: Blas, a: Operand, b: Operand, type: "float64" | "float32", step: Step): FloatArray {
  const c = zeros(type, a.rows * b.cols) as FloatArray;
  for (const left of a.slices)
    for (const right of b.slices)
      for (const [row0, rows] of stretches(left.row0, left.row1, ROWS))
        for (const [col0, cols] of stretches(right.col0, right.col1, COLS))
          multiplyPanel(blas, left, right, { data: c, stride: b.cols }, { row0, rows, col0, cols }, step);
  return c;
}

/** One panel of the result, over all of k. */
function multiplyPanel(
  blas: Blas,
  left: Slice,
  right: Slice,
  c: { readonly data: FloatArray; readonly stride: number },
  { row0, rows, col0, cols }: Tile,
  step: Step,
): void {
  const into = { ...c, at: row0 * c.stride + col0 };
  for (const [p, depth] of stretches(0, right.row1, DEPTH)) {
    blas.multiply(rows, cols, depth, partOf(left, row0, p), partOf(right, p, col0), into, p > 0);
    step(rows * cols * depth);
  }
}

function partOf({ data, row0, col0, col1 }: Slice, row: number, col: number) {
  const stride = col1 - col0;
  return { data: data as FloatArray, at: (row - row0) * stride + col - col0, stride };
}

/** [from, to) in pieces of at most `most`, each as its start and length. */
function* stretches(from: number, to: number, most: number): Generator<readonly [number, number]> {
  for (let at = from; at < to; at += most) yield [at, Math.min(most, to - at)];
}
