/**
 * Products by plain loops: for those that are over before the WASM engine would be set up, and, in bigints, for
 * small ones of large integers.
 */
import { type DType, integerRange, type TypedArray, zeros } from "./dtype.ts";
import type { FloatArray, Load, Operand } from "./operand.ts";
import type { Overflow } from "./within.ts";

/** a · b in doubles or floats; each element is summed from +0 on, in the order of k. */
export function smallFloat(a: Operand, b: Operand, type: "float64" | "float32", loadA: Load, loadB: Load): FloatArray {
  const [left, right, out] = [a.rows * a.cols, b.rows * b.cols, a.rows * b.cols].map((n) => zeros(type, n)) as [
    FloatArray,
    FloatArray,
    FloatArray,
  ];
  a.read(loadA, 0, a.rows, 0, a.cols, left, 0);
  b.read(loadB, 0, b.rows, 0, b.cols, right, 0);
  if (type === "float64") multiplyDoubles(left, right, out, a.rows, a.cols, b.cols);
  else multiplyFloats(left, right, out, a.rows, a.cols, b.cols);
  return out;
}

type Numbers = { [index: number]: number };

function multiplyDoubles(a: Numbers, b: Numbers, c: Numbers, m: number, k: number, n: number): void {
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++) {
      const x = a[i * k + p]!;
      for (let j = 0; j < n; j++) c[i * n + j] = c[i * n + j]! + x * b[p * n + j]!;
    }
}

/** The product of two floats is exact in a double; rounding it first is what the engine's unfused multiply does. */
function multiplyFloats(a: Numbers, b: Numbers, c: Numbers, m: number, k: number, n: number): void {
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++) {
      const x = a[i * k + p]!;
      for (let j = 0; j < n; j++) c[i * n + j] = c[i * n + j]! + Math.fround(x * b[p * n + j]!);
    }
}

/** a · b in bigints, for integers of any size. */
export function smallExact(a: Operand, b: Operand, dtype: DType): TypedArray | Overflow {
  const [left, right] = [bigintsOf(a), bigintsOf(b)];
  const out = zeros(dtype, a.rows * b.cols);
  const { min, max } = integerRange(dtype);
  const big = out.BYTES_PER_ELEMENT === 8;
  for (let i = 0; i < a.rows; i++)
    for (let j = 0; j < b.cols; j++) {
      let sum = 0n;
      for (let p = 0; p < a.cols; p++) sum += left[i * a.cols + p]! * right[p * b.cols + j]!;
      if (sum < min || sum > max) return { row: i, col: j, sum: String(sum) };
      (out as { [index: number]: number | bigint })[i * b.cols + j] = big ? sum : Number(sum);
    }
  return out;
}

function bigintsOf(operand: Operand): bigint[] {
  const all: bigint[] = new Array(operand.rows * operand.cols);
  const take: Load = (from, at, count, _to, toAt) => {
    for (let i = 0; i < count; i++) all[toAt + i] = BigInt(from[at + i]!);
  };
  operand.read(take, 0, operand.rows, 0, operand.cols, new Float64Array(0), 0);
  return all;
}
