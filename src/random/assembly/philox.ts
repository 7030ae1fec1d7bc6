// asc: --initialMemory 1 --maximumMemory 1
// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC11), eight counters at a time:
// four in the lanes of a vector, and two such vectors at once, because each waits for its own products most of the time.
// Turns counters into doubles in [0, 1). Of what it did before it keeps the key only.

const MULTIPLIER_0: v128 = i32x4.splat(0xD2511F53);
const MULTIPLIER_1: v128 = i32x4.splat(0xCD9E8D57);
const WEYL_0: u32 = 0x9E3779B9;
const WEYL_1: u32 = 0xBB67AE85;
const LANES: v128 = i32x4(0, 1, 2, 3);

// The round keys, each in all four lanes: ten pairs.
const KEYS = memory.data(320, 16);
const KEYS_END = KEYS + 320;

// What the last call of tenRounds made: word j of the blocks of a (lanes 0 to 3), then of those of b.
let a0: v128 = i32x4.splat(0);
let a1: v128 = i32x4.splat(0);
let a2: v128 = i32x4.splat(0);
let a3: v128 = i32x4.splat(0);
let b0: v128 = i32x4.splat(0);
let b1: v128 = i32x4.splat(0);
let b2: v128 = i32x4.splat(0);
let b3: v128 = i32x4.splat(0);

// @ts-ignore: decorator
@inline
function upperProduct(c: v128, m: v128): v128 {
  return v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(c, m), i64x2.extmul_high_i32x4_u(c, m), 1, 3, 5, 7);
}

// @ts-ignore: decorator
@inline
function lowerProduct(c: v128, m: v128): v128 {
  return v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(c, m), i64x2.extmul_high_i32x4_u(c, m), 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function xor3(product: v128, c: v128, key: v128): v128 {
  return v128.xor(v128.xor(product, c), key);
}

// @ts-ignore: decorator
@inline
function tenRounds(c0: v128, c1: v128, c2: v128, c3: v128, d0: v128, d1: v128, d2: v128, d3: v128): void {
  for (let key = KEYS; key < KEYS_END; key += 32) {
    const e0 = xor3(upperProduct(c2, MULTIPLIER_1), c1, v128.load(key));
    const f0 = xor3(upperProduct(d2, MULTIPLIER_1), d1, v128.load(key));
    c1 = lowerProduct(c2, MULTIPLIER_1);
    d1 = lowerProduct(d2, MULTIPLIER_1);
    c2 = xor3(upperProduct(c0, MULTIPLIER_0), c3, v128.load(key, 16));
    d2 = xor3(upperProduct(d0, MULTIPLIER_0), d3, v128.load(key, 16));
    c3 = lowerProduct(c0, MULTIPLIER_0);
    d3 = lowerProduct(d0, MULTIPLIER_0);
    c0 = e0;
    d0 = f0;
  }
  a0 = c0;
  a1 = c1;
  a2 = c2;
  a3 = c3;
  b0 = d0;
  b1 = d1;
  b2 = d2;
  b3 = d3;
}

// The upper 53 bits of (upper * 2^32 + lower), as a fraction; exact, of lanes 0 and 1.
// @ts-ignore: decorator
@inline
function fractions(upper: v128, lower: v128): v128 {
  const high = f64x2.mul(f64x2.convert_low_i32x4_u(upper), f64x2.splat(1.0 / 4294967296.0));
  const low = f64x2.mul(f64x2.convert_low_i32x4_u(i32x4.shr_u(lower, 11)), f64x2.splat(1.0 / 9007199254740992.0));
  return f64x2.add(high, low);
}

// @ts-ignore: decorator
@inline
function upperHalf(words: v128): v128 {
  return v128.shuffle<i64>(words, words, 1, 1);
}

// Stores the two draws of each of four blocks; block l goes to out + l * stride.
// @ts-ignore: decorator
@inline
function storeDraws(out: usize, stride: usize, w0: v128, w1: v128, w2: v128, w3: v128): void {
  const first01 = fractions(w0, w1);
  const second01 = fractions(w2, w3);
  const first23 = fractions(upperHalf(w0), upperHalf(w1));
  const second23 = fractions(upperHalf(w2), upperHalf(w3));
  v128.store(out, v128.shuffle<i64>(first01, second01, 0, 2));
  v128.store(out + stride, v128.shuffle<i64>(first01, second01, 1, 3));
  v128.store(out + stride * 2, v128.shuffle<i64>(first23, second23, 0, 2));
  v128.store(out + stride * 3, v128.shuffle<i64>(first23, second23, 1, 3));
}

/** Sets the key for all that follows. */
export function setKey(k0: u32, k1: u32): void {
  for (let key = KEYS; key < KEYS_END; key += 32) {
    v128.store(key, i32x4.splat(k0));
    v128.store(key, i32x4.splat(k1), 16);
    k0 += WEYL_0;
    k1 += WEYL_1;
  }
}

/** The first `blocks` blocks of each of `samples` consecutive samples (rounded up to eight), sample by sample. */
export function fillSamples(out: usize, samples: i32, blocks: i32, index0: u32, index1: u32): void {
  const stride = <usize>blocks * 16;
  const base = i32x4.splat(index0);
  const zero = i32x4.splat(0);
  for (let sample = 0; sample < samples; sample += 8) {
    const c0 = i32x4.add(base, i32x4.add(i32x4.splat(sample), LANES));
    const d0 = i32x4.add(c0, i32x4.splat(4));
    const c1 = i32x4.sub(i32x4.splat(index1), i32x4.lt_u(c0, base));
    const d1 = i32x4.sub(i32x4.splat(index1), i32x4.lt_u(d0, base));
    for (let block = 0; block < blocks; block++) {
      tenRounds(c0, c1, i32x4.splat(block), zero, d0, d1, i32x4.splat(block), zero);
      const to = out + <usize>sample * stride + <usize>block * 16;
      storeDraws(to, stride, a0, a1, a2, a3);
      storeDraws(to + stride * 4, stride, b0, b1, b2, b3);
    }
  }
}

/** `blocks` consecutive blocks (rounded up to eight) of one sample, from block `block1 * 2^32 + block0` on. */
export function fillBlocks(out: usize, blocks: i32, index0: u32, index1: u32, block0: u32, block1: u32): void {
  const base = i32x4.splat(block0);
  const c0 = i32x4.splat(index0);
  const c1 = i32x4.splat(index1);
  for (let block = 0; block < blocks; block += 8) {
    const c2 = i32x4.add(base, i32x4.add(i32x4.splat(block), LANES));
    const d2 = i32x4.add(c2, i32x4.splat(4));
    const c3 = i32x4.sub(i32x4.splat(block1), i32x4.lt_u(c2, base));
    const d3 = i32x4.sub(i32x4.splat(block1), i32x4.lt_u(d2, base));
    tenRounds(c0, c1, c2, c3, c0, c1, d2, d3);
    storeDraws(out + <usize>block * 16, 16, a0, a1, a2, a3);
    storeDraws(out + <usize>block * 16 + 64, 16, b0, b1, b2, b3);
  }
}

/** The four words of one block, as they are: for the published test vectors. */
export function block(out: usize, c0: u32, c1: u32, c2: u32, c3: u32): void {
  const v0 = i32x4.splat(c0);
  const v1 = i32x4.splat(c1);
  const v2 = i32x4.splat(c2);
  const v3 = i32x4.splat(c3);
  tenRounds(v0, v1, v2, v3, v0, v1, v2, v3);
  v128.store32_lane(out, a0, 0);
  v128.store32_lane(out, a1, 0, 4);
  v128.store32_lane(out, b2, 0, 8);
  v128.store32_lane(out, b3, 0, 12);
}
