/**
 * Trial division: the least odd divisor of n in a range, for n of any size, exactly. Walks the range in steps of less than
 * about a millisecond and lets the caller look in between. How fast and why nothing is missed: docs/trial-division.md.
 */
import { expected } from "../../errors.ts";
import { dividend, type Step, trialStep } from "./trial-steps.ts";

export interface TrialOutcome {
  /** The least odd divisor of n in the range, or as far as it was walked. */
  readonly divisor: bigint | undefined;
  /** Odd numbers of the range that were settled, those among them that the wheel settles without a division. */
  readonly tested: number;
}

/** A step that took longer than this is halved the next time, one that took less than half is doubled. */
const stepMs = 1;
const firstBudget = 2 ** 12;
const maxBudget = 2 ** 28;

/**
 * Looks for an odd divisor d of n with `from` ≤ d ≤ `to` (both included; 1 counts as a divisor like any other).
 *
 * @param n 1 or more, of any size
 * @param from 1 or more
 * @param look called about once a millisecond with the odd numbers settled so far; true ends the search there
 * @throws UsageError when n or from is below 1
 */
export function findOddDivisor(
  n: bigint,
  from: bigint,
  to: bigint,
  look: (tested: number) => boolean = () => false,
): TrialOutcome {
  if (n < 1n) throw expected("n", "1 or more", n);
  if (from < 1n) throw expected("from", "1 or more", from);
  const of = dividend(n);
  let at = from;
  let budget = firstBudget;
  let lookedAt = performance.now();
  while (at <= to) {
    const began = performance.now();
    const step = trialStep(of, at, to, budget);
    const divisor = leastDivisor(n, step, at, to);
    // Whole blocks: a step may end well short of its budget, and still longer ones would do more at a time.
    const halfway = at + BigInt(budget) / 2n;
    at = step.next > to ? to + 1n : step.next;
    if (divisor !== undefined) return { divisor, tested: oddsBetween(from, at) };
    const ended = performance.now();
    if (ended - began > stepMs) budget = Math.max(1, budget / 2);
    else if (ended - began < stepMs / 2 && step.next >= halfway) budget = Math.min(maxBudget, budget * 2);
    if (ended - lookedAt < stepMs) continue;
    lookedAt = ended;
    if (look(oddsBetween(from, at))) break;
  }
  return { divisor: undefined, tested: oddsBetween(from, at) };
}

/** The least candidate that lies in the range and really divides n. */
function leastDivisor(n: bigint, step: Step, from: bigint, to: bigint): bigint | undefined {
  let least: bigint | undefined;
  for (const candidate of step.candidates) {
    const d = step.start + BigInt(candidate);
    if (d < from || d > to || (least !== undefined && d > least)) continue;
    if (n % d === 0n) least = d;
  }
  return least;
}

/** How many odd numbers d have from ≤ d < end. */
function oddsBetween(from: bigint, end: bigint): number {
  return end <= from ? 0 : Number(end / 2n - from / 2n);
}
