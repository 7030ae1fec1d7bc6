// Trial division's inner loops: a SIMD filter by finite differences, and two exact loops for divisors too small for it.
// docs/trial-division.md has the mathematics and the error bound. Nothing here allocates; every call is complete in itself:
// what it found lies in the hit list until the next call.

import { confirm, confirmNothing, sweepRuns } from "./shared/differences";
import { ENOUGH_HITS, forgetHits, hitsFound, MAX_OFFSETS, note } from "./shared/hits";
import { divide, lastRest, limbsAt, quotientAt, remainder } from "./shared/limbs";

export { hitsAt, hitsFound } from "./shared/hits";
export { limbsAt } from "./shared/limbs";

const offsetTable = memory.data(3 * MAX_OFFSETS * 4, 16);

export function offsetsAt(): usize {
  return offsetTable;
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
  forgetHits();
  confirm(start, top, limbs);
  const width: u64 = u64(steps) * u64(stride);
  const half: u64 = (width * u64(runs)) >> 1;
  let done: i32 = 0;
  for (let b = 0; b < blocks; b++) {
    const first = u64(done) * width;
    const d = start + first + half;
    const scale = f64(i64(d));
    // Each quotient is divided again; rest and fraction over d make the next coefficient modulo 1.
    const quotient = divide(top, limbs, limbsAt(), d);
    const c0 = f64(i64(lastRest())) / scale;
    const second = divide(quotient, limbs, quotientAt(), d);
    const c1 = (f64(i64(lastRest())) + c0) / scale;
    const third = divide(second, limbs, quotientAt(), d);
    const c2 = (f64(i64(lastRest())) + c1) / scale;
    let c3: f64 = 0;
    if (cubic) {
      divide(third, limbs, quotientAt(), d);
      c3 = (f64(i64(lastRest())) + c2) / scale;
    }
    done += sweepRuns(
      centred(c0), -centred(c1), centred(c2), -centred(c3), -f64(i64(half)), u32(first), runs, steps, cubic,
      stride, offsets, groups, epsilon,
    );
    if (hitsFound() > ENOUGH_HITS) break;
  }
  return done;
}

/** One block with the polynomial k0 + k1 x + k2 x^2 + k3 x^3, coefficients between -1/2 and 1/2; `x` is its start less its centre. Hits are candidates. */
export function sweepBlock(
  k0: f64, k1: f64, k2: f64, k3: f64, x: f64, runs: i32, steps: i32, cubic: bool,
  stride: i32, offsets: usize, groups: i32, epsilon: u32,
): i32 {
  forgetHits();
  confirmNothing();
  return sweepRuns(k0, k1, k2, k3, x, 0, runs, steps, cubic, stride, offsets, groups, epsilon);
}

/** A fraction between 0 and 1, modulo 1 between -1/2 and 1/2. */
function centred(fraction: f64): f64 {
  return fraction > 0.5 ? fraction - 1 : fraction;
}

/** Exact for n < 2^53: a quotient that isn't whole can't round to a whole one. Stops after the first turn of the wheel with a hit. */
export function divideF64(n: f64, start: f64, turns: i32, stride: i32, offsets: usize, groups: i32): i32 {
  forgetHits();
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
  forgetHits();
  const end = offsets + (usize(groups) << 6);
  for (let t = 0; t < turns; t++) {
    for (let o = offsets; o < end; o += 4) {
      const d = start + u64(load<u32>(o));
      if (remainder(top, limbs, bits, d) == 0) note(u32(t * stride) + load<u32>(o));
    }
    if (hitsFound() > 0) return t + 1;
    start += u64(stride);
  }
  return turns;
}
