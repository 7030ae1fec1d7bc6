/**
 * Integers cut into limbs that doubles can multiply exactly: x = Σ limb(i) · 2^(i · bits), each limb with the sign of x.
 * Sums of k limb products stay within 2^53, so each pair of limbs is one exact product of doubles (K. Ozaki et al.,
 * "Error-free transformations of matrix multiplication by using fast routines", Numer. Algorithms 59, 2012).
 */
import { type BigIntArray, bytesPerElement, dtypeOf, kindOf, type NumberArray, type TypedArray } from "./dtype.ts";
import { isSigned, type Load, wordsOf } from "./operand.ts";

/** How the elements of both operands are cut. */
export interface LimbPlan {
  /** Bits per limb of a and of b. */
  readonly bits: readonly [number, number];
  /** Limbs of a and of b. */
  readonly counts: readonly [number, number];
}

/** The largest limb: beyond it, the words' bit operations would need more than one word for a limb. */
const MAX_LIMB_BITS = 30;

/** Elements that are looked at between two calls of a step. */
const CHUNK = 2 ** 17;

/** The bits of the largest magnitude among integers; 0 when all are 0. Calls `step` about once a millisecond. */
export function magnitudeBits(slices: readonly { readonly data: TypedArray }[], step: () => void): number {
  let most = 0;
  for (const { data } of slices)
    for (let at = 0; at < data.length; at += CHUNK) {
      most = Math.max(most, bitsOf(data.subarray(at, at + CHUNK)));
      step();
    }
  return most;
}

/** The fewest limb products that are exact for magnitudes of these bits and sums of `k` products. */
export function planLimbs(aBits: number, bBits: number, k: number): LimbPlan {
  const forSum = Math.ceil(Math.log2(k));
  let best: LimbPlan | undefined;
  for (let p = 1; p <= 64; p++)
    for (let q = 1; q <= 64; q++) {
      const bits = [Math.max(1, Math.ceil(aBits / p)), Math.max(1, Math.ceil(bBits / q))] as const;
      if (Math.max(...bits) > MAX_LIMB_BITS || bits[0] + bits[1] + forSum > 53) continue;
      if (!best || p * q < best.counts[0] * best.counts[1]) best = { bits, counts: [p, q] };
    }
  // k is below 2^51, or its operands could not exist: one-bit limbs always fit.
  return best as LimbPlan;
}

/** Reads limb `index` of each integer. */
export function loadLimb(index: number, bits: number): Load {
  return (from, at, count, to, toAt) => {
    const data = bytesPerElement(dtypeOf(from)!) === 8 ? wordsOf(from as BigIntArray) : undefined;
    if (data) readWords(data, isSigned(from), at, count, index * bits, bits, to, toAt);
    else readNumbers(from as NumberArray, at, count, index * bits, bits, to, toAt);
  };
}

type To = { [index: number]: number };

function readNumbers(
  from: NumberArray,
  at: number,
  count: number,
  shift: number,
  bits: number,
  to: To,
  toAt: number,
): void {
  const mask = shift < 32 ? 2 ** bits - 1 : 0;
  for (let i = 0; i < count; i++) {
    const value = from[at + i]!;
    to[toAt + i] = value < 0 ? -((-value >>> shift) & mask) : (value >>> shift) & mask;
  }
}

function readWords(
  words: Uint32Array,
  signed: boolean,
  at: number,
  count: number,
  shift: number,
  bits: number,
  to: To,
  toAt: number,
): void {
  for (let i = 0; i < count; i++) {
    const low = words[2 * (at + i)]!;
    const high = words[2 * (at + i) + 1]!;
    to[toAt + i] =
      signed && high >>> 31
        ? -limbOf(negatedLow(low), negatedHigh(low, high), shift, bits)
        : limbOf(low, high, shift, bits);
  }
}

/** Bits shift to shift + bits − 1 of the 64-bit number of two words. */
function limbOf(low: number, high: number, shift: number, bits: number): number {
  const mask = 2 ** bits - 1;
  if (shift >= 64) return 0;
  if (shift >= 32) return (high >>> (shift - 32)) & mask;
  const fromLow = low >>> shift;
  // A shift by 32 would be a shift by 0; with shift 0 all wanted bits are in the low word anyway.
  return (shift === 0 ? fromLow : fromLow | (high << (32 - shift))) & mask;
}

function negatedLow(low: number): number {
  return -low >>> 0;
}

function negatedHigh(low: number, high: number): number {
  return (~high + (low === 0 ? 1 : 0)) >>> 0;
}

function bitsOf(slice: TypedArray): number {
  const dtype = dtypeOf(slice)!;
  if (bytesPerElement(dtype) === 8) return wordBits(wordsOf(slice as BigIntArray), kindOf(dtype) === "int");
  let seen = 0;
  const values = slice as NumberArray;
  for (let i = 0; i < values.length; i++) seen |= values[i]! < 0 ? -values[i]! : values[i]!;
  return 32 - Math.clz32(seen);
}

function wordBits(words: Uint32Array, signed: boolean): number {
  let [seenLow, seenHigh] = [0, 0];
  for (let i = 0; i < words.length; i += 2) {
    const [low, high] = [words[i]!, words[i + 1]!];
    const negative = signed && high >>> 31 === 1;
    seenLow |= negative ? negatedLow(low) : low;
    seenHigh |= negative ? negatedHigh(low, high) : high;
  }
  return seenHigh ? 64 - Math.clz32(seenHigh) : 32 - Math.clz32(seenLow);
}
