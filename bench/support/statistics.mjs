// Medians, quantiles and ratios of samples. A sample list holds one value per round.

/** The q-quantile (0 … 1) of some numbers, linear between neighbours. */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

export function median(values) {
  return quantile(values, 0.5);
}

/**
 * How many times as good `ours` is as `theirs`, round by round: what disturbs the machine for a while disturbs both.
 * @param better "more" for rates, "less" for times and sizes
 */
export function ratiosOf(ours, theirs, better) {
  return ours.map((value, round) => (better === "more" ? value / theirs[round] : theirs[round] / value));
}

/** Median and quartiles of one value per round. */
export function summaryOf(values) {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}
