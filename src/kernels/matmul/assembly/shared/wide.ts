// Sums of 128 bits for integer products beyond 2^53. Each number has its low word, its high word and a rough value as a
// double, in three arrays; sums wrap at 2^128, and the rough value tells when that has happened.

/** Adds c · 2^shift to each sum; c are doubles that hold whole numbers of at most 2^53. Shift is 0 to 127. */
export function addWide(c: usize, low: usize, high: usize, rough: usize, count: i32, shift: i32): void {
  const scale = pow2(shift);
  for (let i = 0; i < count; i++) {
    const at = <usize>i << 3;
    const x = load<f64>(c + at);
    const v = <i64>x;
    let lo: u64, hi: i64;
    if (shift >= 64) {
      lo = 0;
      hi = v << (shift - 64);
    } else if (shift > 0) {
      lo = <u64>v << shift;
      hi = v >> (64 - shift);
    } else {
      lo = <u64>v;
      hi = v >> 63;
    }
    const sum = load<u64>(low + at) + lo;
    store<u64>(low + at, sum);
    store<i64>(high + at, load<i64>(high + at) + hi + <i64>(sum < lo));
    store<f64>(rough + at, load<f64>(rough + at) + x * scale);
  }
}

/** The index of the first sum outside of [min, max], or −1. With `unsigned`, max is read as u64 and min is 0. */
export function firstOutside(low: usize, high: usize, rough: usize, count: i32, unsigned: bool, min: i64, max: i64): i32 {
  for (let i = 0; i < count; i++) {
    const at = <usize>i << 3;
    const lo = load<i64>(low + at);
    const hi = load<i64>(high + at);
    // 2^100 is far above 64 bits, and far below where a sum has wrapped, by more than the rough value can be wrong.
    if (Math.abs(load<f64>(rough + at)) > 1.2676506002282294e30) return i;
    if (unsigned ? hi != 0 || <u64>lo > <u64>max : hi != lo >> 63 || lo < min || lo > max) return i;
  }
  return -1;
}

function pow2(exponent: i32): f64 {
  return reinterpret<f64>(<i64>(exponent + 1023) << 52);
}
