/**
 * Whether a BLAS library computes right on this processor, found out before it is used: there are versions of OpenBLAS that
 * don't. Small whole numbers, so that every right library gives the same bits as our own engine, in whatever order it sums.
 */
import { zeros } from "../dtype.ts";
import { engineOfThread } from "../engine.ts";
import { type FloatArray, loadNumbers, sideBySide, stacked } from "../operand.ts";
import { tiler } from "../tile.ts";
import type { Blas } from "./blas.ts";

/** m, n, k: one element; less than a vector, small and odd; across the borders of the inner tiles; enough for threads. */
const shapes = [
  [1, 1, 1],
  [3, 5, 7],
  [17, 33, 65],
  [130, 131, 257],
] as const;

/** What is wrong, or undefined when all is right. */
export function wrongWith(blas: Blas): string | undefined {
  for (const type of ["float64", "float32"] as const)
    for (const shape of shapes)
      if (!isRight(blas, type, shape)) return `its ${type} product of ${shape.join("×")} is wrong`;
  return skipsZeros(blas) ? "it takes 0 · NaN for 0" : undefined;
}

function isRight(blas: Blas, type: "float64" | "float32", [m, n, k]: (typeof shapes)[number]): boolean {
  const [a, b, c] = [wholeNumbers(type, m * k, 7), wholeNumbers(type, k * n, 11), wholeNumbers(type, m * n, 3)];
  const before = Array.from(c);
  blas.multiply(m, n, k, panel(a, k), panel(b, n), panel(c, n), true);
  const right = ownProduct(type, m, n, k, a, b);
  return before.every((value, i) => c[i] === value + right(Math.floor(i / n), i % n));
}

/** The same by our own engine: gives its elements until the next tile. */
function ownProduct(type: "float64" | "float32", m: number, n: number, k: number, a: FloatArray, b: FloatArray) {
  const tile = { row0: 0, rows: m, col0: 0, cols: n };
  const { multiply } = tiler(engineOfThread(), type, { rows: m, cols: n }, k);
  const stripes = multiply(stacked([a], k), sideBySide([b], k), loadNumbers, loadNumbers, tile, () => {});
  return (i: number, j: number) => {
    const { tile, c, width } = stripes.find(({ tile }) => j < tile.col0 + tile.cols)!;
    return c[i * width + j - tile.col0]!;
  };
}

function skipsZeros(blas: Blas): boolean {
  const [n, zero] = [20, new Float64Array(400)];
  const c = new Float64Array(400);
  blas.multiply(n, n, n, panel(zero, n), panel(new Float64Array(400).fill(Number.NaN), n), panel(c, n), false);
  return !c.every(Number.isNaN);
}

/** −8 to 8, in no order: sums of 257 products of them are exact in float32. */
function wholeNumbers(type: "float64" | "float32", length: number, seed: number): FloatArray {
  const out = zeros(type, length) as FloatArray;
  for (let i = 0; i < length; i++) out[i] = ((i * seed * 2_654_435 + (i >> 3) * 40_503) % 17) - 8;
  return out;
}

function panel(data: FloatArray, stride: number) {
  return { data, at: 0, stride };
}
