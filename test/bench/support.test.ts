/** What the bench suite makes of its samples. */
import { promiseTable, suiteTable } from "../../bench/support/markdown.mjs";
import { quantile, ratiosOf, summaryOf } from "../../bench/support/statistics.mjs";
import { isSlower, verdictsOf } from "../../bench/support/verdict.mjs";

const flat = (median: number) => ({ median, low: median, high: median });
const row = {
  id: "job",
  what: "a job",
  unit: "ms",
  better: "less",
  limit: { median: 1, p99: 3 },
  ours: { ...flat(0.5), p99: 4, samples: 100 },
  peers: [
    { name: "slow", reach: 10, ...flat(4), ratio: flat(8) },
    { name: "absent", reach: 1, missing: "no absent here (apt-get install absent)" },
  ],
};

test("quantiles lie between their neighbours", () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([10, 20], 0.99)).toBeCloseTo(19.9);
  expect(summaryOf([5, 1, 3, 2, 4])).toEqual({ median: 3, low: 2, high: 4 });
});

test("a ratio above 1 says that ours is better, for rates and for times, each turn against its own round", () => {
  expect(ratiosOf([200, 100], [100, 100], "more")).toEqual([2, 1]);
  expect(ratiosOf([1, 4], [2, 2], "less")).toEqual([2, 0.5]);
});

test("each limit and each peer has its own verdict", () => {
  expect(verdictsOf(row).map(({ against, reached }) => [against, reached])).toEqual([
    ["median", true],
    ["p99", false],
    ["slow", false],
    ["absent", undefined],
  ]);
});

test("a peer that is absent is said so, with the remedy", () => {
  expect(suiteTable({ title: "Jobs", rows: [row] })).toContain("not measured: no absent here (apt-get install absent)");
  expect(promiseTable([{ rows: [row] }])).toContain("| a job | ≥ 1 × absent | not measured | ✗ |");
});

test("a row is slower than its base when most rounds say so, not when one does", () => {
  expect(isSlower({ base: { ratio: { median: 0.8, low: 0.7, high: 0.85 } } })).toBe(true);
  expect(isSlower({ base: { ratio: { median: 0.8, low: 0.2, high: 1.02 } } })).toBe(false);
  expect(isSlower({ base: { missing: "it does not run there" } })).toBe(false);
});
