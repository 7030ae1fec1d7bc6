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

// What the last call of `rounds` made: word j of the blocks of a (lanes 0 to 3), then of those of b.
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

// The rounds from that of the keys at `from` to the tenth.
// @ts-ignore: decorator
@inline
function rounds(from: usize, c0: v128, c1: v128, c2: v128, c3: v128, d0: v128, d1: v128, d2: v128, d3: v128): void {
  for (let key = from; key < KEYS_END; key += 32) {
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

// A word becomes a double by standing as the lower half of one: under this upper half, w reads as 2^20 + w · 2^−32 …
const HIGH: v128 = i32x4.splat(0x41300000);
// … and under this one as 2^−1 + w · 2^−53.
const LOW: v128 = i32x4.splat(0x3fe00000);
const BOTH: v128 = f64x2.splat(1048576.5);

// The upper 53 bits of (upper · 2^32 + lower) as a fraction, of `upper` under HIGH and `lower` div 2^11 under LOW. Both steps are exact.
// @ts-ignore: decorator
@inline
function fractions(upper: v128, lower: v128): v128 {
  return f64x2.add(f64x2.sub(upper, BOTH), lower);
}

// Lanes 0 and 1 of both, by turns.
// @ts-ignore: decorator
@inline
function interleaveLow(x: v128, y: v128): v128 {
  return v128.shuffle<i32>(x, y, 0, 4, 1, 5);
}

// Lanes 2 and 3 of both, by turns.
// @ts-ignore: decorator
@inline
function interleaveHigh(x: v128, y: v128): v128 {
  return v128.shuffle<i32>(x, y, 2, 6, 3, 7);
}

// Stores the two draws of each of four blocks; block l goes to out + l * stride.
// @ts-ignore: decorator
@inline
function storeDraws(out: usize, stride: usize, w0: v128, w1: v128, w2: v128, w3: v128): void {
  const w1low = i32x4.shr_u(w1, 11);
  const w3low = i32x4.shr_u(w3, 11);
  const high01 = interleaveLow(w0, w2);
  const low01 = interleaveLow(w1low, w3low);
  const high23 = interleaveHigh(w0, w2);
  const low23 = interleaveHigh(w1low, w3low);
  v128.store(out, fractions(interleaveLow(high01, HIGH), interleaveLow(low01, LOW)));
  v128.store(out + stride, fractions(interleaveHigh(high01, HIGH), interleaveHigh(low01, LOW)));
  v128.store(out + stride * 2, fractions(interleaveLow(high23, HIGH), interleaveLow(low23, LOW)));
  v128.store(out + stride * 3, fractions(interleaveHigh(high23, HIGH), interleaveHigh(low23, LOW)));
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

/** The first `blocks` blocks of each of `samples` consecutive samples, sample by sample. Writes up to seven samples more. */
export function fillSamples(out: usize, samples: i32, blocks: i32, index0: u32, index1: u32): void {
  const sampleBytes = <usize>blocks * 16;
  // The samples before the lower word of their number wraps around, and those from there on.
  const before = <i32>min<u64>(samples, 0x100000000 - <u64>index0);
  for (let block = 0; block < blocks; block++) {
    const to = out + <usize>block * 16;
    fillBlock(to, sampleBytes, before, block, index0, index1);
    if (before < samples) fillBlock(to + <usize>before * sampleBytes, sampleBytes, samples - before, block, 0, index1 + 1);
  }
}

// One block of each sample. The samples differ in the first word of their counters only, so that of the first two rounds one half is
// the same for all.
function fillBlock(out: usize, sampleBytes: usize, samples: i32, block: i32, index0: u32, index1: u32): void {
  const key1 = v128.load(KEYS, 16);
  const all0 = xor3(upperProduct(i32x4.splat(block), MULTIPLIER_1), i32x4.splat(index1), v128.load(KEYS));
  const all1 = v128.xor(lowerProduct(i32x4.splat(block), MULTIPLIER_1), v128.load(KEYS, 32));
  const all2 = v128.xor(upperProduct(all0, MULTIPLIER_0), v128.load(KEYS, 48));
  const all3 = lowerProduct(all0, MULTIPLIER_0);
  let index = i32x4.add(i32x4.splat(index0), LANES);
  for (let sample = 0; sample < samples; sample += 8) {
    const c2 = v128.xor(upperProduct(index, MULTIPLIER_0), key1);
    const c3 = lowerProduct(index, MULTIPLIER_0);
    index = i32x4.add(index, i32x4.splat(4));
    const d2 = v128.xor(upperProduct(index, MULTIPLIER_0), key1);
    const d3 = lowerProduct(index, MULTIPLIER_0);
    index = i32x4.add(index, i32x4.splat(4));
    rounds(
      KEYS + 64,
      v128.xor(upperProduct(c2, MULTIPLIER_1), all1),
      lowerProduct(c2, MULTIPLIER_1),
      v128.xor(all2, c3),
      all3,
      v128.xor(upperProduct(d2, MULTIPLIER_1), all1),
      lowerProduct(d2, MULTIPLIER_1),
      v128.xor(all2, d3),
      all3,
    );
    storeDraws(out, sampleBytes, a0, a1, a2, a3);
    storeDraws(out + sampleBytes * 4, sampleBytes, b0, b1, b2, b3);
    out += sampleBytes * 8;
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
    rounds(KEYS, c0, c1, c2, c3, c0, c1, d2, d3);
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
  rounds(KEYS, v0, v1, v2, v3, v0, v1, v2, v3);
  v128.store32_lane(out, a0, 0);
  v128.store32_lane(out, a1, 0, 4);
  v128.store32_lane(out, b2, 0, 8);
  v128.store32_lane(out, b3, 0, 12);
}
