/**
 * Decides how the finite-difference filter walks a stretch of divisors: how wide a block may be and how near to an integer
 * n/d must come to be looked at. The bound is proved in docs/trial-division.md; nothing is run here.
 */
import type { Wheel } from "./wheel.ts";

/** The WASM module's room for hits is made for this many steps of a run. */
export const maxSteps = 256;
/** Steps between two looks of the filter; a run is a multiple of it. */
export const stepsPerLook = 8;
/** The filter counts fractions in units of 2^-32. */
const lgUnit = 32;
/** log2 of the error allowed to the quadratic, as a fraction of 1. More makes wider blocks and more false candidates. */
const lgAllowed = -15;
/** A block's half width stays below 2^20, so that the cut of the coefficients at 2^-64 stays below 2^-23. */
const lgMaxHalfWidth = 20;
/** Blocks of this many steps are worth the larger wheel, whose set-up costs three times as much. */
const worthTheLargeWheel = 24;
/** Covers the rounding of the logarithms, which is below 2^-19 for the largest bigint there is (2^30 bits). */
const lgSlack = 0.001;

export interface SweepPlan {
  readonly wheel: Wheel;
  /** Steps of a run, a multiple of 8. A run's width is `steps` times the wheel's stride. */
  readonly steps: number;
  /** Runs of a block, which share their coefficients. */
  readonly runs: number;
  /** Bound of the filter's error on every divisor of such a block, in units of 2^-32. */
  readonly epsilon: number;
}

/**
 * The widest blocks that can be filtered from the divisor `2^lgStart` on and anywhere above it.
 * Undefined where the divisors are too small for a block of one look; these have to be divided.
 */
export function planSweep(
  lgN: number,
  lgStart: number,
  wheels: { readonly small: Wheel; readonly large: Wheel },
): SweepPlan | undefined {
  const lgHalfWidth = Math.min(lgMaxHalfWidth, (lgAllowed - lgN + 4 * lgStart) / 3 - lgSlack);
  const width = 2 ** (lgHalfWidth + 1);
  const wheel = width >= worthTheLargeWheel * wheels.large.stride ? wheels.large : wheels.small;
  const allSteps = Math.floor(width / wheel.stride);
  if (allSteps < stepsPerLook) return undefined;
  const runs = Math.ceil(allSteps / maxSteps);
  const steps = Math.floor(allSteps / runs / stepsPerLook) * stepsPerLook;
  const epsilon = errorBound(lgN, lgStart, (steps * runs * wheel.stride) / 2, steps);
  return { wheel, steps, runs, epsilon };
}

/**
 * By how much the filter's fraction of n/d may differ from the true one, in units of 2^-32: for blocks that start at the
 * divisor 2^lgStart or above, reach `halfWidth` to either side of their centre, and are walked in runs of `steps`.
 */
export function errorBound(lgN: number, lgStart: number, halfWidth: number, steps: number): number {
  const remainder = 2 ** (lgUnit + lgN + 3 * Math.log2(halfWidth) - 4 * lgStart + lgSlack);
  const coefficients = (1 + halfWidth + halfWidth ** 2) / 2 ** lgUnit;
  const rounding = 0.5 + steps / 2 + steps ** 2 / 4;
  return Math.ceil(remainder + coefficients + rounding) + 1;
}
