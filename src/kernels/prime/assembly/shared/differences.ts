// The filter: n/d modulo 1 as a polynomial in d, followed by finite differences in 32-bit integers, 16 divisors at a time. What lies
// within epsilon of 0 is a candidate. docs/trial-division.md has the mathematics and the error bound.

import { ENOUGH_HITS, hitsFound, note } from "./hits";
import { remainder } from "./limbs";

const LOOK: i32 = 8;
/** Added to a double of less than 2^19 in size, leaves its 32 bits of fraction, rounded, in the lowest 32 bits. */
const FRACTION_LOW: f64 = 1572864;

const values = memory.data(64, 16);
const slopes = memory.data(64, 16);
const bends = memory.data(64, 16);
/** Where the filter confirms its candidates here: the number that offsets count from, or 0; and n's top and limbs of 32 bits. */
let confirmFrom: u64 = 0;
let confirmTop: u64 = 0;
let confirmLimbs: i32 = 0;

/** Candidates are noted as they are. */
export function confirmNothing(): void {
  confirmFrom = 0;
}

/** Of the candidates, counted from `from` on, only the divisors of n are noted: its top 64 bits and `limbs` limbs of 32. */
export function confirm(from: u64, top: u64, limbs: i32): void {
  confirmFrom = from;
  confirmTop = top;
  confirmLimbs = limbs;
}

/** `runs` runs of one block from `x` on, its start less its centre. Returns how many were done: fewer once the hit list is well filled. */
export function sweepRuns(
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
    if (hitsFound() > ENOUGH_HITS) return r + 1;
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

/** A number of less than 2^19 in size modulo 1, in units of 2^-32. */
function fixed(x: f64): i32 {
  return i32(reinterpret<i64>(x + FRACTION_LOW));
}
