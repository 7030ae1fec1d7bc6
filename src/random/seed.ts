/** Seeds: what a caller may give, and the key of the generator that it becomes. */
import { expected } from "../errors.ts";
import type { Key } from "./philox-draws.ts";

/** A whole number from 0 to 2^53 − 1, or a bigint from 0 to 2^64 − 1. `7` and `7n` are the same seed. */
export type Seed = number | bigint;

const SEED_LIMIT = 1n << 64n;

/** @throws UsageError when `seed` is neither a safe integer ≥ 0 nor a bigint below 2^64. */
export function seedKey(seed: unknown): Key {
  const whole = typeof seed === "bigint" ? seed : Number.isSafeInteger(seed) ? BigInt(seed as number) : -1n;
  if (whole < 0n || whole >= SEED_LIMIT)
    throw expected("seed", "a whole number from 0 to 2^53 - 1, or a bigint from 0 to 2^64 - 1", seed);
  return [Number(whole & 0xffffffffn), Number(whole >> 32n)];
}

/** A seed that nobody has seen before: 64 bits from the system. */
export function freshSeed(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0]!;
}
