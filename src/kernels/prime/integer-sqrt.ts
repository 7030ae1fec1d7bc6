/** Exact integer arithmetic on bigints of any size that JavaScript lacks: square root, bit length, logarithm. */
import { expected } from "../../errors.ts";

/** Number of binary digits of `n` ≥ 0; 0 has none. */
export function bitLength(n: bigint): number {
  if (n === 0n) return 0;
  const digits = n.toString(16);
  return (digits.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(digits[0]!, 16)));
}

/** log2 of `n` ≥ 1, of any size, to about 15 digits. */
export function log2(n: bigint): number {
  const cut = Math.max(0, bitLength(n) - 53);
  return cut + Math.log2(Number(n >> BigInt(cut)));
}

/**
 * The largest integer whose square is at most `n`, exactly, for `n` ≥ 0 of any size.
 * Newton's step with a precision that doubles, as in CPython's `math.isqrt` (its proof is in Modules/mathmodule.c): each
 * turn divides numbers of the size of its own precision, so the whole costs little more than its last division.
 *
 * @throws UsageError when `n` is negative
 */
export function integerSqrt(n: bigint): bigint {
  if (n < 0n) throw expected("integerSqrt's argument", "0 or more", n);
  if (n === 0n) return 0n;
  const c = (bitLength(n) - 1) >> 1;
  let root = 1n;
  let precision = 0;
  for (let shift = 32 - Math.clz32(c) - 1; shift >= 0; shift--) {
    const before = precision;
    precision = c >> shift;
    const quotient = (n >> BigInt(2 * c - before - precision + 1)) / root;
    root = (root << BigInt(precision - before - 1)) + quotient;
  }
  return root * root > n ? root - 1n : root;
}
