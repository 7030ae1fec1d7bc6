// What a row promised and whether it was reached, in words; and whether it has become slower than the base.

/** A row is slower than its base when three rounds of four say so, by more than this. */
const noise = 0.1;

/** Each thing that the row was to reach: `{ against, target, got, reached }`; `got` is undefined where the peer is absent. */
export function verdictsOf(row) {
  const limits = Object.entries(row.limit ?? {}).map(([which, most]) => {
    const got = row.ours[which];
    return { against: which, target: most, got, reached: row.better === "less" ? got <= most : got >= most };
  });
  const ratios = row.peers
    .filter(({ reach }) => reach !== undefined)
    .map(({ name, reach, ratio }) => ({
      against: name,
      target: reach,
      got: ratio?.median,
      reached: ratio && ratio.median >= reach,
    }));
  return [...limits, ...ratios];
}

export function isSlower({ base }) {
  return base?.ratio !== undefined && base.ratio.high < 1 - noise;
}
