// Trial division's inner loops: a SIMD filter by finite differences, and two exact loops for divisors too small for it.
// docs/trial-division.md has the mathematics and the error bound. Nothing here allocates; every call is complete in itself:
// what it found lies in the hit list until the next call.

/** Room for the hits of one run, at most MAX_STEPS * MAX_OFFSETS, and as many again as make it worth returning. */
const MAX_STEPS: i32 = 256;
const MAX_OFFSETS: i32 = 48;
const ENOUGH_HITS: i32 = 4096;
const MAX_LIMBS: i32 = 64;
const LOOK: i32 = 8;
/** Added to a double of less than 2^19 in size, leaves its 32 bits of fraction, rounded, in the lowest 32 bits. */
const FRACTION_LOW: f64 = 1572864;

const hits = memory.data((MAX_STEPS * MAX_OFFSETS + ENOUGH_HITS) * 4, 16);
const offsetTable = memory.data(3 * MAX_OFFSETS * 4, 16);
const limbTable = memory.data(MAX_LIMBS * 8, 16);
const scratch = memory.data(MAX_LIMBS * 8, 16);
const values = memory.data(64, 16);
const slopes = memory.data(64, 16);
const bends = memory.data(64, 16);
let hitCount: i32 = 0;
/** Where the filter confirms its candidates here: the number that offsets count from, or 0; and n's top and limbs of 32 bits. */
let confirmFrom: u64 = 0;
let confirmTop: u64 = 0;
let confirmLimbs: i32 = 0;

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
 * Blocks of `runs` runs each, from `start` on, their coefficients computed here: for divisors below 2^32, and n as its top
 * 64 bits and `limbs` limbs of 32. Returns how many runs were done: fewer than asked once the hit list is well filled.
 * Hits are relative to `start` and are divisors of n: an exact remainder has confirmed them.
 */
export function sweepBlocks(
  top: u64, limbs: i32, start: u64, blocks: i32, runs: i32, steps: i32, cubic: bool,
  stride: i32, offsets: usize, groups: i32, epsilon: u32,
): i32 {
  hitCount = 0;
  confirmFrom = start;
  confirmTop = top;
  confirmLimbs = limbs;
  const width: u64 = u64(steps) * u64(stride);
  const half: u64 = (width * u64(runs)) >> 1;
  let done: i32 = 0;
  for (let b = 0; b < blocks; b++) {
    const first = u64(done) * width;
    const d = start + first + half;
    const scale = f64(i64(d));
    // Each quotient is divided again; rest and fraction over d make the next coefficient modulo 1.
    const quotient = divide(top, limbs, limbTable, d);
    const c0 = f64(i64(rest)) / scale;
    const second = divide(quotient, limbs, scratch, d);
    const c1 = (f64(i64(rest)) + c0) / scale;
    const third = divide(second, limbs, scratch, d);
    const c2 = (f64(i64(rest)) + c1) / scale;
    let c3: f64 = 0;
    if (cubic) {
      divide(third, limbs, scratch, d);
      c3 = (f64(i64(rest)) + c2) / scale;
    }
    done += sweepRuns(
      centred(c0), -centred(c1), centred(c2), -centred(c3), -f64(i64(half)), u32(first), runs, steps, cubic,
      stride, offsets, groups, epsilon,
    );
    if (hitCount > ENOUGH_HITS) break;
  }
  return done;
}

/** One block with the polynomial k0 + k1 x + k2 x^2 + k3 x^3, coefficients between -1/2 and 1/2; `x` is its start less its centre. Hits are candidates. */
export function sweepBlock(
  k0: f64, k1: f64, k2: f64, k3: f64, x: f64, runs: i32, steps: i32, cubic: bool,
  stride: i32, offsets: usize, groups: i32, epsilon: u32,
): i32 {
  hitCount = 0;
  confirmFrom = 0;
  return sweepRuns(k0, k1, k2, k3, x, 0, runs, steps, cubic, stride, offsets, groups, epsilon);
}

function sweepRuns(
  k0: f64, k1: f64, k2: f64, k3: f64, x: f64, at: u32, runs: i32, steps: i32, cubic: bool,
  stride: i32, offsets: usize, groups: i32, epsilon: u32,
): i32 {
  const w = f64(stride);
  const width = steps * stride;
  const bend = cubic ? 0 : fixed(2 * k2 * w * w);
  const twist = cubic ? fixed(6 * k3 * w * w * w) : 0;
  for (let r = 0; r < runs; r++) {
    for (let g = 0; g < groups; g++) {
      const lanes = offsets + (usize(g) << 6);
      startLanes(k0, k1, k2, k3, x, w, lanes, epsilon);
      if (cubic) {
        sweepCubic(0, twist, at, steps, stride, lanes, epsilon);
        sweepCubic(32, twist, at, steps, stride, lanes, epsilon);
      } else sweepQuadratic(bend, at, steps, stride, lanes, epsilon);
    }
    x += f64(width);
    at += u32(width);
    if (hitCount > ENOUGH_HITS) return r + 1;
  }
  return runs;
}

/** The polynomial, its first and its second difference at the start of sixteen lanes, as fractions in units of 2^-32. */
function startLanes(k0: f64, k1: f64, k2: f64, k3: f64, x: f64, w: f64, offsets: usize, epsilon: u32): void {
  const a0 = f64x2.splat(w * (k1 + w * (k2 + w * k3)));
  const a1 = f64x2.splat(w * (2 * k2 + 3 * w * k3));
  const a2 = f64x2.splat(3 * w * k3);
  const b0 = f64x2.splat(w * w * (2 * k2 + 6 * w * k3));
  const b1 = f64x2.splat(6 * w * w * k3);
  const p0 = f64x2.splat(k0), p1 = f64x2.splat(k1), p2 = f64x2.splat(k2), p3 = f64x2.splat(k3);
  const low = f64x2.splat(FRACTION_LOW);
  const start = f64x2.splat(x);
  const add = i32x4.splat(i32(epsilon));
  for (let j: usize = 0; j < 64; j += 16) {
    const y = f64x2.add(start, f64x2.convert_low_i32x4_u(v128.load64_zero(offsets + j)));
    const z = f64x2.add(start, f64x2.convert_low_i32x4_u(v128.load64_zero(offsets + j, 8)));
    const fy = f64x2.add(p0, f64x2.mul(y, f64x2.add(p1, f64x2.mul(y, f64x2.add(p2, f64x2.mul(y, p3))))));
    const fz = f64x2.add(p0, f64x2.mul(z, f64x2.add(p1, f64x2.mul(z, f64x2.add(p2, f64x2.mul(z, p3))))));
    const dy = f64x2.add(a0, f64x2.mul(y, f64x2.add(a1, f64x2.mul(y, a2))));
    const dz = f64x2.add(a0, f64x2.mul(z, f64x2.add(a1, f64x2.mul(z, a2))));
    const ey = f64x2.add(b0, f64x2.mul(y, b1));
    const ez = f64x2.add(b0, f64x2.mul(z, b1));
    v128.store(values + j, i32x4.add(add, v128.shuffle<i32>(f64x2.add(fy, low), f64x2.add(fz, low), 0, 2, 4, 6)));
    v128.store(slopes + j, v128.shuffle<i32>(f64x2.add(dy, low), f64x2.add(dz, low), 0, 2, 4, 6));
    v128.store(bends + j, v128.shuffle<i32>(f64x2.add(ey, low), f64x2.add(ez, low), 0, 2, 4, 6));
  }
}

/** Sixteen lanes, `steps` steps each: two additions and a minimum for a divisor, one look for 128 of them. */
function sweepQuadratic(bend: i32, at: u32, steps: i32, stride: i32, offsets: usize, epsilon: u32): void {
  const e = i32x4.splat(bend);
  const limit = i32x4.splat(i32(2 * epsilon));
  let f0 = v128.load(values), f1 = v128.load(values, 16), f2 = v128.load(values, 32), f3 = v128.load(values, 48);
  let d0 = v128.load(slopes), d1 = v128.load(slopes, 16), d2 = v128.load(slopes, 32), d3 = v128.load(slopes, 48);
  for (let k = 0; k < steps; k += LOOK) {
    let m0 = f0, m1 = f1, m2 = f2, m3 = f3;
    // Two steps a turn: more of them make V8 spill.
    for (let i = 0; i < LOOK; i += 2) {
      m0 = i32x4.min_u(m0, f0);
      m1 = i32x4.min_u(m1, f1);
      m2 = i32x4.min_u(m2, f2);
      m3 = i32x4.min_u(m3, f3);
      f0 = i32x4.add(f0, d0);
      f1 = i32x4.add(f1, d1);
      f2 = i32x4.add(f2, d2);
      f3 = i32x4.add(f3, d3);
      d0 = i32x4.add(d0, e);
      d1 = i32x4.add(d1, e);
      d2 = i32x4.add(d2, e);
      d3 = i32x4.add(d3, e);
      m0 = i32x4.min_u(m0, f0);
      m1 = i32x4.min_u(m1, f1);
      m2 = i32x4.min_u(m2, f2);
      m3 = i32x4.min_u(m3, f3);
      f0 = i32x4.add(f0, d0);
      f1 = i32x4.add(f1, d1);
      f2 = i32x4.add(f2, d2);
      f3 = i32x4.add(f3, d3);
      d0 = i32x4.add(d0, e);
      d1 = i32x4.add(d1, e);
      d2 = i32x4.add(d2, e);
      d3 = i32x4.add(d3, e);
    }
    const least = i32x4.min_u(i32x4.min_u(m0, m1), i32x4.min_u(m2, m3));
    if (v128.any_true(i32x4.le_u(least, limit))) {
      const first = at + u32(k * stride);
      const none = i32x4.splat(0);
      if (v128.any_true(i32x4.le_u(m0, limit))) replay(f0, d0, e, none, limit, first, stride, offsets);
      if (v128.any_true(i32x4.le_u(m1, limit))) replay(f1, d1, e, none, limit, first, stride, offsets + 16);
      if (v128.any_true(i32x4.le_u(m2, limit))) replay(f2, d2, e, none, limit, first, stride, offsets + 32);
      if (v128.any_true(i32x4.le_u(m3, limit))) replay(f3, d3, e, none, limit, first, stride, offsets + 48);
    }
  }
}

/** The same with a third difference, one addition more. Eight lanes at a time: sixteen would not fit into the registers. */
function sweepCubic(
  lane: usize, twist: i32, at: u32, steps: i32, stride: i32, offsets: usize, epsilon: u32,
): void {
  const g = i32x4.splat(twist);
  const limit = i32x4.splat(i32(2 * epsilon));
  let f0 = v128.load(values + lane), f1 = v128.load(values + lane, 16);
  let d0 = v128.load(slopes + lane), d1 = v128.load(slopes + lane, 16);
  let e0 = v128.load(bends + lane), e1 = v128.load(bends + lane, 16);
  for (let k = 0; k < steps; k += LOOK) {
    let m = f0, o = f1;
    for (let i = 0; i < LOOK; i += 4) {
      m = i32x4.min_u(m, f0);
      o = i32x4.min_u(o, f1);
      f0 = i32x4.add(f0, d0);
      f1 = i32x4.add(f1, d1);
      d0 = i32x4.add(d0, e0);
      d1 = i32x4.add(d1, e1);
      e0 = i32x4.add(e0, g);
      e1 = i32x4.add(e1, g);
      m = i32x4.min_u(m, f0);
      o = i32x4.min_u(o, f1);
      f0 = i32x4.add(f0, d0);
      f1 = i32x4.add(f1, d1);
      d0 = i32x4.add(d0, e0);
      d1 = i32x4.add(d1, e1);
      e0 = i32x4.add(e0, g);
      e1 = i32x4.add(e1, g);
      m = i32x4.min_u(m, f0);
      o = i32x4.min_u(o, f1);
      f0 = i32x4.add(f0, d0);
      f1 = i32x4.add(f1, d1);
      d0 = i32x4.add(d0, e0);
      d1 = i32x4.add(d1, e1);
      e0 = i32x4.add(e0, g);
      e1 = i32x4.add(e1, g);
      m = i32x4.min_u(m, f0);
      o = i32x4.min_u(o, f1);
      f0 = i32x4.add(f0, d0);
      f1 = i32x4.add(f1, d1);
      d0 = i32x4.add(d0, e0);
      d1 = i32x4.add(d1, e1);
      e0 = i32x4.add(e0, g);
      e1 = i32x4.add(e1, g);
    }
    if (v128.any_true(i32x4.le_u(i32x4.min_u(m, o), limit))) {
      const first = at + u32(k * stride);
      if (v128.any_true(i32x4.le_u(m, limit))) replay(f0, d0, e0, g, limit, first, stride, offsets + lane);
      if (v128.any_true(i32x4.le_u(o, limit))) replay(f1, d1, e1, g, limit, first, stride, offsets + lane + 16);
    }
  }
}

/** Goes back one look (integers modulo 2^32 lose nothing on the way) and notes every lane and step within the limit. */
function replay(f: v128, d: v128, e: v128, g: v128, limit: v128, at: u32, stride: i32, offsets: usize): void {
  const once = i32x4.splat(LOOK);
  const twice = i32x4.splat((LOOK * (LOOK - 1)) / 2);
  const thrice = i32x4.splat((LOOK * (LOOK - 1) * (LOOK - 2)) / 6);
  e = i32x4.sub(e, i32x4.mul(g, once));
  d = i32x4.sub(d, i32x4.add(i32x4.mul(e, once), i32x4.mul(g, twice)));
  f = i32x4.sub(f, i32x4.add(i32x4.mul(d, once), i32x4.add(i32x4.mul(e, twice), i32x4.mul(g, thrice))));
  for (let i = 0; i < LOOK; i++) {
    let mask = i32x4.bitmask(i32x4.le_u(f, limit));
    while (mask) {
      const hit = at + load<u32>(offsets + (usize(ctz(mask)) << 2));
      if (confirmFrom == 0 || remainder(confirmTop, confirmLimbs, 32, confirmFrom + u64(hit)) == 0) note(hit);
      mask &= mask - 1;
    }
    f = i32x4.add(f, d);
    d = i32x4.add(d, e);
    e = i32x4.add(e, g);
    at += u32(stride);
  }
}

function note(hit: u32): void {
  store<u32>(hits + (usize(hitCount) << 2), hit);
  hitCount++;
}

/** n modulo d, for n as its top 64 bits and limbs of `bits` bits, and d below 2^(64 - bits). */
// @ts-ignore: decorator
@inline
function remainder(top: u64, limbs: i32, bits: i32, d: u64): u64 {
  let left = top % d;
  for (let i = 0; i < limbs; i++) left = ((left << u64(bits)) | load<u64>(limbTable + (usize(i) << 3))) % d;
  return left;
}

/** What the last division left. */
let rest: u64 = 0;

/** Divides by d < 2^32: `top` and the limbs at `from`. Returns the quotient's top; its limbs go to `scratch`. */
function divide(top: u64, limbs: i32, from: usize, d: u64): u64 {
  // The higher quotients are often small, and a comparison is cheaper than a division.
  const quotient = top < d ? 0 : top / d;
  let left = top - quotient * d;
  for (let i: usize = 0; i < usize(limbs) << 3; i += 8) {
    const part = (left << 32) | load<u64>(from + i);
    const q = part / d;
    store<u64>(scratch + i, q);
    left = part - q * d;
  }
  rest = left;
  return quotient;
}

/** A fraction between 0 and 1, modulo 1 between -1/2 and 1/2. */
function centred(fraction: f64): f64 {
  return fraction > 0.5 ? fraction - 1 : fraction;
}

/** A number of less than 2^19 in size modulo 1, in units of 2^-32. */
function fixed(x: f64): i32 {
  return i32(reinterpret<i64>(x + FRACTION_LOW));
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
      if (remainder(top, limbs, bits, d) == 0) note(u32(t * stride) + load<u32>(o));
    }
    if (hitCount > 0) return t + 1;
    start += u64(stride);
  }
  return turns;
}
