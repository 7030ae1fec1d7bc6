// Trial division's inner loops: a SIMD filter by finite differences, and two exact loops for divisors too small for it.
// docs/trial-division.md has the mathematics and the error bound. Nothing here allocates; every call is complete in itself:
// what it found lies in the hit list until the next call.

/** Room for the hits of one run, at most MAX_STEPS * MAX_OFFSETS, and as many again as make it worth returning. */
const MAX_STEPS: i32 = 256;
const MAX_OFFSETS: i32 = 48;
const ENOUGH_HITS: i32 = 4096;
const LOOK: i32 = 8;
const HALF: u64 = 0x80000000;

const hits = memory.data((MAX_STEPS * MAX_OFFSETS + ENOUGH_HITS) * 4, 16);
const offsetTable = memory.data(3 * MAX_OFFSETS * 4, 16);
const limbTable = memory.data(64 * 8, 16);
const starts = memory.data(64, 16);
const slopes = memory.data(64, 16);
const scratch = memory.data(4 * 8, 16);
let hitCount: i32 = 0;

export function hitsAt(): usize {
  return hits;
}
export function offsetsAt(): usize {
  return offsetTable;
}
export function limbsAt(): usize {
  return limbTable;
}
export function hitsFound(): i32 {
  return hitCount;
}

/**
 * Blocks of `runs` runs each, from `start` on, coefficients computed here. For n = nHigh * 2^32 + nLow and divisors below 2^32.
 * Returns how many runs were done: fewer than asked once the hit list is well filled. Hits are relative to `start`.
 */
export function sweepBlocks(
  nHigh: u64, nLow: u64, start: u64, blocks: i32, runs: i32, steps: i32,
  stride: i32, offsets: usize, groups: i32, epsilon: u32,
): i32 {
  hitCount = 0;
  const width: u64 = u64(steps) * u64(stride);
  const half: u64 = (width * u64(runs)) >> 1;
  let done: i32 = 0;
  for (let b = 0; b < blocks; b++) {
    const first = u64(done) * width;
    const centre = start + first + half;
    // floor(n 2^64 / centre), then divided by the centre twice more: the lowest 64 bits are c0, c1, c2 modulo 1.
    store<u64>(scratch, nHigh);
    store<u64>(scratch, nLow, 8);
    store<u64>(scratch, 0, 16);
    store<u64>(scratch, 0, 24);
    const c0 = divideScratch(centre);
    const c1 = divideScratch(centre);
    const c2 = divideScratch(centre);
    done += sweepRuns(c0, c1, c2, 0 - i64(half), u32(first), runs, steps, stride, offsets, groups, epsilon);
    if (hitCount > ENOUGH_HITS) break;
  }
  return done;
}

/** One block whose coefficients (0.64 fixed point, at the block's centre) are given. `x` is the block's start less its centre. */
export function sweepBlock(
  c0: u64, c1: u64, c2: u64, x: i32, runs: i32, steps: i32,
  stride: i32, offsets: usize, groups: i32, epsilon: u32,
): i32 {
  hitCount = 0;
  return sweepRuns(c0, c1, c2, i64(x), 0, runs, steps, stride, offsets, groups, epsilon);
}

function sweepRuns(
  c0: u64, c1: u64, c2: u64, x: i64, at: u32, runs: i32, steps: i32,
  stride: i32, offsets: usize, groups: i32, epsilon: u32,
): i32 {
  const width = steps * stride;
  for (let r = 0; r < runs; r++) {
    for (let g = 0; g < groups; g++) sweep16(c0, c1, c2, x, at, steps, stride, offsets + (usize(g) << 6), epsilon);
    x += i64(width);
    at += u32(width);
    if (hitCount > ENOUGH_HITS) return r + 1;
  }
  return runs;
}

/** Sixteen lanes, `steps` steps each: two additions and a minimum for a divisor, one look for 128 of them. */
function sweep16(
  c0: u64, c1: u64, c2: u64, x: i64, at: u32, steps: i32, stride: i32, offsets: usize, epsilon: u32,
): void {
  const w = u64(stride);
  const slope = c2 * w * w - c1 * w + HALF;
  const bend = 2 * c2 * w;
  for (let j: usize = 0; j < 64; j += 4) {
    const y = u64(x) + u64(load<u32>(offsets + j));
    store<u32>(starts + j, u32((c0 - y * (c1 - c2 * y) + HALF) >> 32) + epsilon);
    store<u32>(slopes + j, u32((slope + bend * y) >> 32));
  }
  const dd = i32x4.splat(i32((bend * w + HALF) >> 32));
  const limit = i32x4.splat(i32(2 * epsilon));
  let f0 = v128.load(starts), f1 = v128.load(starts, 16), f2 = v128.load(starts, 32), f3 = v128.load(starts, 48);
  let d0 = v128.load(slopes), d1 = v128.load(slopes, 16), d2 = v128.load(slopes, 32), d3 = v128.load(slopes, 48);
  for (let k = 0; k < steps; k += LOOK) {
    let m0 = f0, m1 = f1, m2 = f2, m3 = f3;
    for (let i = 0; i < LOOK; i += 2) {
      m0 = i32x4.min_u(m0, f0);
      m1 = i32x4.min_u(m1, f1);
      m2 = i32x4.min_u(m2, f2);
      m3 = i32x4.min_u(m3, f3);
      f0 = i32x4.add(f0, d0);
      f1 = i32x4.add(f1, d1);
      f2 = i32x4.add(f2, d2);
      f3 = i32x4.add(f3, d3);
      d0 = i32x4.add(d0, dd);
      d1 = i32x4.add(d1, dd);
      d2 = i32x4.add(d2, dd);
      d3 = i32x4.add(d3, dd);
      m0 = i32x4.min_u(m0, f0);
      m1 = i32x4.min_u(m1, f1);
      m2 = i32x4.min_u(m2, f2);
      m3 = i32x4.min_u(m3, f3);
      f0 = i32x4.add(f0, d0);
      f1 = i32x4.add(f1, d1);
      f2 = i32x4.add(f2, d2);
      f3 = i32x4.add(f3, d3);
      d0 = i32x4.add(d0, dd);
      d1 = i32x4.add(d1, dd);
      d2 = i32x4.add(d2, dd);
      d3 = i32x4.add(d3, dd);
    }
    const least = i32x4.min_u(i32x4.min_u(m0, m1), i32x4.min_u(m2, m3));
    if (v128.any_true(i32x4.le_u(least, limit))) {
      const first = at + u32(k * stride);
      if (v128.any_true(i32x4.le_u(m0, limit))) replay(f0, d0, dd, limit, first, stride, offsets);
      if (v128.any_true(i32x4.le_u(m1, limit))) replay(f1, d1, dd, limit, first, stride, offsets + 16);
      if (v128.any_true(i32x4.le_u(m2, limit))) replay(f2, d2, dd, limit, first, stride, offsets + 32);
      if (v128.any_true(i32x4.le_u(m3, limit))) replay(f3, d3, dd, limit, first, stride, offsets + 48);
    }
  }
}

/** Goes back one look (integers modulo 2^32 lose nothing on the way) and notes every lane and step within the limit. */
function replay(f: v128, d: v128, dd: v128, limit: v128, at: u32, stride: i32, offsets: usize): void {
  d = i32x4.sub(d, i32x4.mul(dd, i32x4.splat(LOOK)));
  f = i32x4.sub(f, i32x4.mul(d, i32x4.splat(LOOK)));
  f = i32x4.sub(f, i32x4.mul(dd, i32x4.splat((LOOK * (LOOK - 1)) / 2)));
  for (let i = 0; i < LOOK; i++) {
    let mask = i32x4.bitmask(i32x4.le_u(f, limit));
    while (mask) {
      note(at + load<u32>(offsets + (usize(ctz(mask)) << 2)));
      mask &= mask - 1;
    }
    f = i32x4.add(f, d);
    d = i32x4.add(d, dd);
    at += u32(stride);
  }
}

function note(hit: u32): void {
  store<u32>(hits + (usize(hitCount) << 2), hit);
  hitCount++;
}

/** Divides the number in `scratch` (one limb of 64 bits, three of 32) by d < 2^32; returns the quotient's lowest 64 bits. */
function divideScratch(d: u64): u64 {
  let part = load<u64>(scratch);
  let q = part / d;
  store<u64>(scratch, q);
  let rest = part - q * d;
  part = (rest << 32) | load<u64>(scratch, 8);
  q = part / d;
  store<u64>(scratch, q, 8);
  rest = part - q * d;
  part = (rest << 32) | load<u64>(scratch, 16);
  const high = part / d;
  store<u64>(scratch, high, 16);
  rest = part - high * d;
  part = (rest << 32) | load<u64>(scratch, 24);
  const low = part / d;
  store<u64>(scratch, low, 24);
  return (high << 32) | low;
}

/** Exact for n < 2^53: a quotient that isn't whole can't round to a whole one. Stops after the first turn of the wheel with a hit. */
export function divideF64(n: f64, start: f64, turns: i32, stride: i32, offsets: usize, groups: i32): i32 {
  hitCount = 0;
  const end = offsets + (usize(groups) << 6);
  const n2 = f64x2.splat(n);
  const w2 = f64x2.splat(f64(stride));
  let s = f64x2.splat(start);
  for (let t = 0; t < turns; t++) {
    let found = i64x2.splat(0);
    for (let o = offsets; o < end; o += 16) {
      const a = f64x2.div(n2, f64x2.add(s, f64x2.convert_low_i32x4_u(v128.load64_zero(o))));
      const b = f64x2.div(n2, f64x2.add(s, f64x2.convert_low_i32x4_u(v128.load64_zero(o, 8))));
      found = v128.or(found, v128.or(f64x2.eq(a, f64x2.floor(a)), f64x2.eq(b, f64x2.floor(b))));
    }
    if (v128.any_true(found)) {
      const first = start + f64(t) * f64(stride);
      for (let o = offsets; o < end; o += 4) {
        const q = n / (first + f64(load<u32>(o)));
        if (q == floor(q)) note(u32(t * stride) + load<u32>(o));
      }
      return t + 1;
    }
    s = f64x2.add(s, w2);
  }
  return turns;
}

/**
 * Exact for any n: its top 64 bits and then `limbs` limbs of `bits` bits each, where every divisor is below 2^(64 - bits).
 * Stops after the first turn of the wheel with a hit.
 */
export function divideLimbs(
  top: u64, limbs: i32, bits: i32, start: u64, turns: i32, stride: i32, offsets: usize, groups: i32,
): i32 {
  hitCount = 0;
  const end = offsets + (usize(groups) << 6);
  for (let t = 0; t < turns; t++) {
    for (let o = offsets; o < end; o += 4) {
      const d = start + u64(load<u32>(o));
      let rest = top % d;
      for (let i = 0; i < limbs; i++) rest = ((rest << u64(bits)) | load<u64>(limbTable + (usize(i) << 3))) % d;
      if (rest == 0) note(u32(t * stride) + load<u32>(o));
    }
    if (hitCount > 0) return t + 1;
    start += u64(stride);
  }
  return turns;
}
