/**
 * The prime search: brute force by odd divisors up to √n, one contiguous range of them for each rank, of about the same effort. The first
 * rank to find a divisor ends the job for all. What divides, and how fast, is trial-division.ts.
 */
import { expected } from "../../errors.ts";
import { defineKernel, type RankContext, type World } from "../define-kernel.ts";
import { forRank, type PlacedPart } from "../share.ts";
import { cutsOfEqualEffort } from "./equal-effort.ts";
import { integerSqrt } from "./integer-sqrt.ts";
import { findOddDivisor } from "./trial-division.ts";
import { wholeNumber } from "./whole-number.ts";

export interface PrimeSearchInput {
  /** The number in question. As a number at most 2^53 − 1 in size; as a bigint of any size. */
  readonly n: number | bigint;
}

/** A range of odd divisors to try, both ends included; empty when `from` > `to`. */
export interface DivisorRange {
  readonly n: bigint;
  readonly from: bigint;
  readonly to: bigint;
}

export interface RangeOutcome {
  readonly divisor: bigint | undefined;
  readonly tested: number;
}

export interface PrimeSearchResult {
  readonly n: bigint;
  readonly prime: boolean;
  /**
   * A divisor other than 1 and n, where one was found: of several ranks that found one, the first; within one rank's
   * range the least. Undefined for a prime and for n ≤ 1.
   */
  readonly divisor: bigint | undefined;
  /** Odd divisors tested by all ranks together, those of the ranks that were cancelled among them. */
  readonly tested: number;
  /** How long other ranks went on after a divisor was found, until all were idle, in ms. 0 when none was found. */
  readonly othersWentOnMs: number;
}

/** A part of fewer odd divisors than this, about a quarter of a millisecond, isn't worth a rank. */
const leastPart = 2n ** 18n;

/**
 * Is `n` prime? Tries every odd divisor up to √n. Negative numbers, 0 and 1 are not prime and have no divisor to show.
 *
 * - Input `{ n }`; throws `UsageError` unless n is a bigint or a safe whole number.
 * - Result `PrimeSearchResult`. When n has several divisors, it shows the one that was found first.
 */
export const primeSearch = defineKernel<PrimeSearchInput, DivisorRange, RangeOutcome, PrimeSearchResult>({
  name: "primeSearch",
  module: import.meta.url,
  order: "arrival",
  prepare: (input) => ({ n: inputNumber(input) }),
  scatter: (input, world) => divisorRanges(inputNumber(input), world),
  compute: searchRange,
  async reduce(partials, input, job) {
    const n = inputNumber(input);
    let tested = 0;
    for await (const { divisor, tested: more } of partials) {
      if (divisor !== undefined) {
        const { elapsedMs, progressByRank } = await job.cancelRest("divisor found");
        tested = progressByRank.reduce((sum, progress) => sum + progress, 0);
        return { n, prime: false, divisor, tested, othersWentOnMs: elapsedMs };
      }
      tested += more;
    }
    const even = n > 2n && n % 2n === 0n;
    return { n, prime: n > 1n && !even, divisor: even ? 2n : undefined, tested, othersWentOnMs: 0 };
  },
});

/** At least one range always, if an empty one: a job goes through the same states whatever n is. */
function* divisorRanges(n: bigint, world: World): Generator<PlacedPart<DivisorRange>> {
  const odds = n < 9n || n % 2n === 0n ? 0n : (integerSqrt(n) - 1n) / 2n;
  const worthwhile = (odds + leastPart - 1n) / leastPart;
  const parts = Math.max(1, Math.min(world.size, Number(worthwhile)));
  const cuts = parts === 1 ? [0n, odds] : cutsOfEqualEffort(n, odds, parts);
  for (let part = 0; part < parts; part++)
    yield forRank(part, { n, from: 3n + 2n * cuts[part]!, to: 1n + 2n * cuts[part + 1]! });
}

function searchRange({ n, from, to }: DivisorRange, rank: RankContext): RangeOutcome {
  if (to < from) return { divisor: undefined, tested: 0 };
  const total = Number((to - from) / 2n + 1n);
  const outcome = findOddDivisor(n, from, to, (tested) => {
    rank.progress(tested, total);
    return rank.cancelRequested();
  });
  rank.progress(outcome.tested, total);
  return outcome;
}

function inputNumber(input: PrimeSearchInput): bigint {
  if (typeof input !== "object" || input === null) throw expected("primeSearch's input", "an object { n }", input);
  return wholeNumber("n", input.n);
}
