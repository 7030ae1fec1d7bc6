/** Doubles by their bits. */
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** 2^exponent, exactly, for −1022 to 1023. */
export function powerOfTwo(exponent: number): number {
  words[0] = 0;
  words[1] = (exponent + 1023) << 20;
  return double[0]!;
}

/**
 * A positive sum "rounded to odd": when it is not exact, the neighbour whose last bit is 1. Rounding that once more to 32 bits
 * gives what rounding the exact sum would give (Boldo, Melquiond 2008).
 *
 * @param sum rounded to nearest
 * @param error the exact sum minus `sum`
 */
export function toOdd(sum: number, error: number): number {
  double[0] = sum;
  if (error === 0 || (words[0]! & 1) === 1) return sum;
  if (error > 0) words[0]! |= 1;
  else {
    if (words[0] === 0) words[1]! -= 1;
    words[0]! -= 1;
  }
  return double[0]!;
}
