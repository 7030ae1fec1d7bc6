/**
 * Sums of doubles without any rounding before the end: the result is the exact sum rounded once to nearest, ties to even, so
 * it depends neither on the order of the terms nor on how they were grouped (after Neal, "Fast exact summation using
 * small and large superaccumulators", arXiv:1505.05571; Kulisch's long accumulator with carries put off).
 *
 * The sum is a whole multiple of 2^−1074, kept as digits to base 2^32 in doubles: digit k weighs 2^(32k − 1074).
 */
import { powerOfTwo, toOdd } from "./double-bits.ts";

const BASE = 2 ** 32;
const HALF = 2 ** 31;
/** The greatest double reaches into digit 65; two more hold the carries of 2^60 terms. */
const DIGITS = 68;
/** A digit grows by less than 2^33 with each term and must stay below 2^53. */
const TERMS_BEFORE_CARRY = 2 ** 19;

const NAN = 1;
const PLUS_INFINITY = 2;
const MINUS_INFINITY = 4;
/** Something other than −0 was added: a zero sum is +0 then, as in IEEE 754. */
const NOT_MINUS_ZERO = 8;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** An exact sum that terms and other exact sums can be added to, in any order. */
export class ExactSum {
  readonly #digits = new Float64Array(DIGITS);
  /** Digits outside of these are zero. */
  #low = DIGITS;
  #high = -1;
  #flags = 0;
  #terms = 0;

  /** Back to a sum of no terms. */
  clear(): void {
    this.#digits.fill(0, Math.min(this.#low, DIGITS), this.#high + 1);
    this.#low = DIGITS;
    this.#high = -1;
    this.#flags = 0;
    this.#terms = 0;
  }

  add(term: number): void {
    double[0] = term;
    const high = words[1]!;
    const exponent = (high >>> 20) & 0x7ff;
    if (exponent === 0x7ff) return this.#addNotFinite(term);
    if (term === 0) {
      if (high === 0) this.#flags |= NOT_MINUS_ZERO;
      return;
    }
    this.#flags |= NOT_MINUS_ZERO;
    // term = ±(upper · 2^32 + lower) · 2^(place − 1074)
    const place = exponent === 0 ? 0 : exponent - 1;
    const upper = (high & 0xfffff) | (exponent === 0 ? 0 : 0x100000);
    this.#addDigits(words[0]!, upper, place >>> 5, place & 31, high >>> 31 === 1 ? -1 : 1);
  }

  #addDigits(lower: number, upper: number, first: number, shift: number, sign: number): void {
    const digits = this.#digits;
    const lowerOver = shift === 0 ? 0 : lower >>> (32 - shift);
    const upperOver = shift === 0 ? 0 : upper >>> (32 - shift);
    digits[first]! += sign * ((lower << shift) >>> 0);
    digits[first + 1]! += sign * (lowerOver + ((upper << shift) >>> 0));
    digits[first + 2]! += sign * upperOver;
    this.#touch(first, first + 2);
  }

  #addNotFinite(term: number): void {
    this.#flags |= NOT_MINUS_ZERO | (Number.isNaN(term) ? NAN : term > 0 ? PLUS_INFINITY : MINUS_INFINITY);
  }

  #touch(low: number, high: number): void {
    if (low < this.#low) this.#low = low;
    if (high > this.#high) this.#high = high;
    if (++this.#terms >= TERMS_BEFORE_CARRY) this.#carry();
  }

  /** Adds the sum that `unload` described. */
  load(flags: number, low: number, digits: Int32Array, from: number, count: number): void {
    this.#flags |= flags;
    for (let i = 0; i < count; i++) this.#digits[low + i]! += digits[from + i]!;
    if (count > 0) this.#touch(low, low + count - 1);
  }

  /**
   * The sum in its one canonical form: digits from −2^31 to 2^31 − 1, of which the first and the last are not zero. They are
   * written into `digits` from `from` on.
   */
  unload(digits: Int32Array, from: number): { readonly flags: number; readonly low: number; readonly count: number } {
    this.#carry();
    for (let k = this.#low; k <= this.#high; k++) digits[from + k - this.#low] = this.#digits[k]!;
    const count = Math.max(0, this.#high - this.#low + 1);
    return { flags: this.#flags, low: count === 0 ? 0 : this.#low, count };
  }

  /** The sum, rounded once. Its overflow is an infinity; that of no terms is −0, which changes nothing when added. */
  toDouble(): number {
    return this.#special() ?? this.#rounded((sum) => sum);
  }

  /** The sum, rounded once to a 32-bit float. */
  toSingle(): number {
    return Math.fround(this.#special() ?? this.#rounded(toOdd));
  }

  #special(): number | undefined {
    const flags = this.#flags;
    const bothInfinities = PLUS_INFINITY | MINUS_INFINITY;
    if ((flags & NAN) !== 0 || (flags & bothInfinities) === bothInfinities) return Number.NaN;
    if ((flags & bothInfinities) !== 0)
      return (flags & PLUS_INFINITY) !== 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.#carry();
    if (this.#high >= this.#low) return undefined;
    return (flags & NOT_MINUS_ZERO) === 0 ? -0 : 0;
  }

  /** Puts every digit into −2^31 … 2^31 − 1, and the bounds where digits are not zero. */
  #carry(): void {
    const digits = this.#digits;
    let carry = 0;
    for (let k = this.#low; k <= this.#high || carry !== 0; k++) {
      const value = digits[k]! + carry;
      carry = Math.floor((value + HALF) / BASE);
      digits[k] = value - carry * BASE;
      if (k > this.#high) this.#high = k;
    }
    while (this.#high >= this.#low && digits[this.#high] === 0) this.#high--;
    while (this.#low <= this.#high && digits[this.#low] === 0) this.#low++;
    this.#terms = 1;
    if (this.#high < this.#low) {
      this.#low = DIGITS;
      this.#high = -1;
    }
  }

  /**
   * The canonical, not-zero sum as a double: the top three digits, and one bit for whether anything lies below them. That is
   * at least 65 bits, so that the one addition below rounds as the exact sum would.
   */
  #rounded(finish: (sum: number, error: number) => number): number {
    const top = this.#high;
    const sign = this.#digits[top]! < 0 ? -1 : 1;
    const [u, v, w, rest] = this.#leading(top, sign);
    const high = (u * 2 ** 21 + Math.floor(v / 2 ** 11)) * 2 ** 44;
    const low = ((v % 2 ** 11) * BASE + w) * 2 + rest;
    return sign * scaled(finish(high + low, low - (high + low - high)), 32 * (top - 2) - 1075);
  }

  /** The digits of the absolute sum from the top as numbers from 0 to 2^32 − 1 (the first may be 0), and whether more follow. */
  #leading(top: number, sign: number): readonly [number, number, number, 0 | 1] {
    const at = (k: number) => (k < this.#low ? 0 : sign * this.#digits[k]!);
    // What lies below the third digit is less than half of its unit: it matters by its sign alone.
    let belowSign = 0;
    for (let k = top - 3; k >= this.#low && belowSign === 0; k--) belowSign = Math.sign(at(k));
    let [u, v, w] = [at(top), at(top - 1), at(top - 2)];
    if (belowSign < 0) w -= 1;
    if (w < 0) [v, w] = [v - 1, w + BASE];
    if (v < 0) [u, v] = [u - 1, v + BASE];
    return [u, v, w, belowSign === 0 ? 0 : 1];
  }
}

/** value · 2^exponent, for an exact result; beyond the range an infinity. */
function scaled(value: number, exponent: number): number {
  return exponent >= -1000 ? value * powerOfTwo(exponent) : value * powerOfTwo(-1000) * powerOfTwo(exponent + 1000);
}
