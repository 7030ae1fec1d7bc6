/** Matrices to multiply and what their products must be, by the plainest means. */
import fc from "fast-check";
import { type DType, dtypes, integerRange, kindOf, type TypedArray, zeros } from "../../src/kernels/matmul/dtype.ts";
import type { StridedMatrix } from "../../src/kernels/matmul/matrix.ts";

// In jest's realm a look-up of a global costs 100 ns: too much for the inner loops below.
const { abs, floor } = Math;
const { asUintN } = BigInt;

export interface Dense extends StridedMatrix {
  readonly shape: readonly [number, number];
  readonly data: TypedArray;
}

/** A reproducible stream of numbers in [0, 1). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A matrix of random elements: floats in [−1, 1), integers of at most `bits` bits. */
export function randomMatrix(rows: number, cols: number, dtype: DType, seed: number, bits = 64): Dense {
  const random = randomOf(seed);
  const data = zeros(dtype, rows * cols);
  const put = data as { [index: number]: number | bigint };
  const next = kindOf(dtype) === "float" ? () => 2 * random() - 1 : integersOf(dtype, random, bits);
  for (let i = 0; i < data.length; i++) put[i] = next();
  return { shape: [rows, cols], data };
}

function integersOf(dtype: DType, random: () => number, bits: number): () => number | bigint {
  const { min, max } = integerRange(dtype);
  const word = () => BigInt(floor(random() * 2 ** 32));
  const wide = () => {
    const magnitude = asUintN(bits, (word() << 32n) + word());
    const value = min < 0n && random() < 0.5 ? -magnitude : magnitude;
    return value < min ? min : value > max ? max : value;
  };
  return dtype.endsWith("64") ? wide : () => Number(wide());
}

export const anyDType = fc.constantFrom(...dtypes);
export const anyInteger = fc.constantFrom(...dtypes.filter((dtype) => kindOf(dtype) !== "float"));

/** The exact product of two integer matrices. */
export function exactProduct(a: Dense, b: Dense): bigint[] {
  const [[m, k], n] = [a.shape, b.shape[1]];
  const [x, y] = [Array.from(a.data as ArrayLike<number>, BigInt), Array.from(b.data as ArrayLike<number>, BigInt)];
  const out: bigint[] = [];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0n;
      for (let p = 0; p < k; p++) sum += x[i * k + p]! * y[p * n + j]!;
      out.push(sum);
    }
  return out;
}

/** The product in doubles, and |a| · |b|, against which errors are measured. */
export function doubleProduct(a: Dense, b: Dense): { sums: Float64Array; scale: Float64Array } {
  const [[m, k], n] = [a.shape, b.shape[1]];
  const [x, y] = [
    Float64Array.from(a.data as ArrayLike<number>, Number),
    Float64Array.from(b.data as ArrayLike<number>, Number),
  ];
  const [sums, scale] = [new Float64Array(m * n), new Float64Array(m * n)];
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++)
      for (let j = 0; j < n; j++) {
        const term = x[i * k + p]! * y[p * n + j]!;
        sums[i * n + j]! += term;
        scale[i * n + j]! += abs(term);
      }
  return { sums, scale };
}

/** The largest |c − reference| / (|a| · |b|); 0 where nothing was summed. */
export function worstError(c: ArrayLike<number>, { sums, scale }: { sums: Float64Array; scale: Float64Array }): number {
  let worst = 0;
  sums.forEach((sum, i) => {
    const error = abs(c[i]! - sum);
    // A NaN must not pass as no error.
    if (!(error === 0))
      worst = Math.max(worst, error > 0 && scale[i]! > 0 ? error / scale[i]! : Number.POSITIVE_INFINITY);
  });
  return worst;
}
