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
/** log2 of the error allowed to the polynomial, as a fraction of 1. More makes wider blocks and more false candidates. */
const lgAllowed = -14;
/** Rounding grows with the cube of the steps where there is a third difference, so runs are shorter there. */
const maxCubicSteps = 64;
/** No term of the polynomial exceeds 2^17, so that doubles hold their sum to well below a unit. */
const lgMaxTerm = 17;
/** A cubic's half width stays below 2^15, so that the cut of its coefficients at 2^-64 stays below 2^-19. */
const lgMaxCubicHalfWidth = 15;
/** Blocks of this width are worth the larger wheel, which starts three times as many lanes. */
const worthTheLargeWheel = { quadratic: 2 ** 14, cubic: 6144 };
/** Quadratic blocks of this width cost so little set-up that wider cubic ones, which cost more for each step, don't pay. */
const wideEnough = 2 ** 13;
/** Covers the rounding of the logarithms, which is below 2^-19 for the largest bigint there is (2^30 bits). */
const lgSlack = 0.001;
/** Covers the rounding of the coefficients to doubles and of the polynomial evaluated in doubles, in units. */
const inDoubles = 128;

export interface SweepPlan {
  readonly wheel: Wheel;
  /** Steps of a run, a multiple of 8. A run's width is `steps` times the wheel's stride. */
  readonly steps: number;
  /** Runs of a block, which share their coefficients. */
  readonly runs: number;
  /** Whether the polynomial has a cubic term. */
  readonly cubic: boolean;
  /** Bound of the filter's error on every divisor of such a block, in units of 2^-32. */
  readonly epsilon: number;
}

/**
 * The best blocks to filter with from the divisor `2^lgStart` on and anywhere above it.
 * Undefined where the divisors are too small for a block of one look; these have to be divided.
 */
export function planSweep(
  lgN: number,
  lgStart: number,
  wheels: { readonly small: Wheel; readonly large: Wheel },
): SweepPlan | undefined {
  const quadratic = 2 ** (lgHalfWidth(lgN, lgStart, false) + 1);
  const cubic = quadratic >= wideEnough ? 0 : 2 ** (lgHalfWidth(lgN, lgStart, true) + 1);
  if (cubic > quadratic * 1.5) return layOut(lgN, lgStart, wheels, cubic, true);
  return layOut(lgN, lgStart, wheels, quadratic, false);
}

/** Divides a block of at most `width` numbers into runs of whole looks. */
function layOut(
  lgN: number,
  lgStart: number,
  wheels: { readonly small: Wheel; readonly large: Wheel },
  width: number,
  cubic: boolean,
): SweepPlan | undefined {
  const wheel = width >= worthTheLargeWheel[cubic ? "cubic" : "quadratic"] ? wheels.large : wheels.small;
  const allSteps = Math.floor(width / wheel.stride);
  if (allSteps < stepsPerLook) return undefined;
  const runs = Math.ceil(allSteps / (cubic ? maxCubicSteps : maxSteps));
  const steps = Math.floor(allSteps / runs / stepsPerLook) * stepsPerLook;
  const epsilon = errorBound(lgN, lgStart, (steps * runs * wheel.stride) / 2, steps, cubic);
  return { wheel, steps, runs, cubic, epsilon };
}

/** How far a block may reach to either side of its centre: within the error allowed, and with terms that doubles hold. */
function lgHalfWidth(lgN: number, lgStart: number, cubic: boolean): number {
  const degree = cubic ? 3 : 2;
  let lg = (lgAllowed - lgN + (degree + 2) * lgStart) / (degree + 1);
  for (let power = 1; power <= degree; power++) {
    const lgCoefficient = Math.min(-1, lgN - (power + 1) * lgStart);
    lg = Math.min(lg, (lgMaxTerm - lgCoefficient) / power);
  }
  return (cubic ? Math.min(lg, lgMaxCubicHalfWidth) : lg) - lgSlack;
}

/**
 * By how much the filter's fraction of n/d may differ from the true one, in units of 2^-32: for blocks that start at the
 * divisor 2^lgStart or above, reach `halfWidth` to either side of their centre, and are walked in runs of `steps`.
 */
export function errorBound(lgN: number, lgStart: number, halfWidth: number, steps: number, cubic: boolean): number {
  const degree = cubic ? 3 : 2;
  const lgRemainder = lgN + (degree + 1) * Math.log2(halfWidth) - (degree + 2) * lgStart;
  let error = 2 ** (lgUnit + lgRemainder + lgSlack) + inDoubles;
  let stepsTaken = 0.5;
  for (let power = 0; power <= degree; power++) {
    error += halfWidth ** power / 2 ** lgUnit + stepsTaken;
    stepsTaken *= steps / (power + 1);
  }
  return Math.ceil(error) + 1;
}
