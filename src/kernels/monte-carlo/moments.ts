/**
 * Count, mean and sum of squared deviations, so that nothing cancels: one pass over a block of values, and blocks merged by
 * T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).
 */

/** `m2` is the sum of (value − mean)². */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly m2: number;
}

/** What a Monte Carlo job gives without reducers of its own. */
export interface MonteCarloResult {
  readonly mean: number;
  /** The unbiased sample variance, m2 / (samples − 1); NaN for one sample. */
  readonly variance: number;
  /** The standard error of the mean, √(variance / samples). */
  readonly stderr: number;
  readonly samples: number;
}

export const NO_MOMENTS: Moments = { count: 0, mean: 0, m2: 0 };

/** Once the first value of a block is summed up: the others are reckoned from it, unless it is infinite or no number. */
export function reckonFromFirst(sums: Float64Array): void {
  if (!Number.isFinite(sums[1])) return;
  sums[0] = sums[1]!;
  sums[1] = 0;
  sums[2] = 0;
}

/**
 * The moments of a block of `count` values, at least one, from what `SumLoop` summed up.
 *
 * The values are reckoned from the first of them. That is never a bad choice: the first value's own deviation is a term of m2, so that
 * the sum of the squares is at most `count` times as large as m2, and so is its rounding (count is at most 1024).
 */
export function blockMoments(count: number, sums: Float64Array): Moments {
  const from = sums[0]!;
  const sum = sums[1]!;
  return { count, mean: from + sum / count, m2: Math.max(sums[2]! - (sum * sum) / count, 0) };
}

/** The moments of both together. */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const delta = b.mean - a.mean;
  const share = b.count / count;
  // Infinite means have no difference, but they have a mean.
  const mean = Number.isFinite(delta) ? a.mean + delta * share : a.mean * (1 - share) + b.mean * share;
  return { count, mean, m2: a.m2 + b.m2 + delta * delta * a.count * share };
}

export function momentsResult({ count, mean, m2 }: Moments): MonteCarloResult {
  const variance = m2 / (count - 1);
  return { mean, variance, stderr: Math.sqrt(variance / count), samples: count };
}
