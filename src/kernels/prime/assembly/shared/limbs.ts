// The number that is divided, where it is too long for one word: its top 64 bits, and the limbs of the table, highest first.

const MAX_LIMBS: i32 = 64;

const limbTable = memory.data(MAX_LIMBS * 8, 16);
const scratch = memory.data(MAX_LIMBS * 8, 16);

export function limbsAt(): usize {
  return limbTable;
}

/** Where the limbs of the last quotient lie. */
export function quotientAt(): usize {
  return scratch;
}

/** n modulo d, for n as its top 64 bits and limbs of `bits` bits, and d below 2^(64 - bits). */
// @ts-ignore: decorator
@inline
export function remainder(top: u64, limbs: i32, bits: i32, d: u64): u64 {
  let left = top % d;
  for (let i = 0; i < limbs; i++) left = ((left << u64(bits)) | load<u64>(limbTable + (usize(i) << 3))) % d;
  return left;
}

/** What the last division left. */
let rest: u64 = 0;

export function lastRest(): u64 {
  return rest;
}

/** Divides by d < 2^32: `top` and the limbs at `from`. Returns the quotient's top; its limbs go to `scratch`. */
export function divide(top: u64, limbs: i32, from: usize, d: u64): u64 {
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
