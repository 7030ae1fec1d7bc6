/**
 * Wheels: which numbers of each `stride` consecutive ones are tried as divisors. A wheel leaves out the multiples of its
 * primes, so it may be used only for an n that none of them divides; then no divisor of n is left out.
 */

export interface Wheel {
  /** The wheel's circumference; it is laid from a multiple of this on. */
  readonly stride: number;
  /** The residues tried, ascending, in groups of 16: a group is one pass of the filter. */
  readonly offsets: readonly number[];
  /** Place in `wheels`, and so in the table of the WASM module. */
  readonly index: number;
}

/** Every odd number; no multiple of 3 or 5; no multiple of 3, 5 or 7. */
export const wheels: readonly Wheel[] = [makeWheel(0, 32, []), makeWheel(1, 60, [3, 5]), makeWheel(2, 210, [3, 5, 7])];

/** The wheels allowed for `n`: a small one for short blocks of divisors and the thriftiest one for long blocks. */
export function wheelsFor(n: bigint): { readonly small: Wheel; readonly large: Wheel } {
  const odd = wheels[0]!;
  if (n % 3n === 0n || n % 5n === 0n) return { small: odd, large: odd };
  return { small: wheels[1]!, large: n % 7n === 0n ? wheels[1]! : wheels[2]! };
}

function makeWheel(index: number, stride: number, primes: readonly number[]): Wheel {
  const offsets = Array.from({ length: stride / 2 }, (_, i) => 2 * i + 1);
  return { index, stride, offsets: offsets.filter((offset) => primes.every((prime) => offset % prime !== 0)) };
}
