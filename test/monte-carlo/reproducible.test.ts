import fc from "fast-check";
import type { MonteCarloResult } from "../../src/kernels/monte-carlo/moments.ts";
import type { Rng } from "../../src/random/sample-rng.ts";
import { partsFor, runJob } from "./run-kernel.ts";

const normal = { sampleFn: (rng: Rng) => rng.normal(3, 2), evalFn: (x: number) => x };

/** Not associative in floating point: any other order of the same values shows. */
const uneven = {
  sampleFn: (rng: Rng) => rng.exponential() ** 3,
  evalFn: (x: number) => x,
  initFn: () => ({ sum: 0, trace: 0 }),
  reduceFn: (acc: { sum: number; trace: number }, x: number) => {
    acc.sum += x;
    acc.trace = acc.trace * 0.75 + x;
    return acc;
  },
  combineFn: (a: { sum: number; trace: number }, b: { sum: number; trace: number }) => ({
    sum: a.sum + b.sum,
    trace: a.trace / 3 + b.trace,
  }),
};

describe("the same seed gives bitwise the same result", () => {
  test.each([1, 2, 3, 7, 64])("on %p ranks, parts computed in any order", async (ranks) => {
    for (const job of [normal, uneven]) {
      for (const n of [1, 5, 4097, 9001]) {
        const wanted = await runJob({ n, seed: 42, ...job });
        expect(await runJob({ n, seed: 42, ...job }, { ranks })).toEqual(wanted);
        expect(await runJob({ n, seed: 42, ...job }, { ranks, order: (parts) => parts.reverse() })).toEqual(wanted);
      }
    }
  });

  test("for any number of samples, ranks, and samples between looks", async () => {
    const numbers = fc.tuple(
      fc.integer({ min: 1, max: 12000 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 900 }),
    );
    await fc.assert(
      fc.asyncProperty(numbers, fc.maxSafeNat(), async ([n, ranks, cancelCheckEvery], seed) => {
        const job = { n, seed, ...uneven };
        const shuffled = (parts: unknown[]) => parts.sort((a, b) => hash(a) - hash(b)) as never;
        const hash = (p: unknown) => ((p as { number: number }).number * 2654435761) % 1009;
        expect(await runJob({ ...job, cancelCheckEvery }, { ranks, order: shuffled })).toEqual(await runJob(job));
      }),
      { numRuns: 25 },
    );
  });

  test("as a number and as a bigint, and another seed gives another", async () => {
    const [a, b, c, d] = await Promise.all(
      [7, 7n, 8, 7n + 2n ** 32n].map((seed) => runJob({ n: 500, seed, ...normal })),
    );
    expect(a).toEqual(b);
    expect(c).not.toEqual(a);
    expect(d).not.toEqual(a);
  });

  test("without a seed, two jobs differ", async () => {
    expect(await runJob({ n: 100, ...normal })).not.toEqual(await runJob({ n: 100, ...normal }));
  });

  test("and it stays the same from release to release", async () => {
    const result = await runJob<MonteCarloResult>({ n: 10000, seed: 1, ...normal });
    expect(result).toEqual({
      mean: 3.008836927698978,
      variance: 3.9654138424133545,
      stderr: 0.0199133468869835,
      samples: 10000,
    });
  });
});

describe("the parts", () => {
  test("cover all samples once, in order, each at a multiple of itself, at least eight per rank where there are samples enough", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), fc.integer({ min: 1, max: 300 }), (n, ranks) => {
        const parts = partsFor({ n, seed: 1, ...normal }, ranks);
        expect(parts[0]!.first).toBe(0);
        expect(parts.at(-1)!.end).toBe(n);
        expect(parts.slice(1).map((part) => part.first)).toEqual(parts.slice(0, -1).map((part) => part.end));
        const sizes = parts.map((part) => 2 ** Math.ceil(Math.log2(part.end - part.first)));
        expect(parts.every((part, i) => part.first % sizes[i]! === 0)).toBe(true);
        expect(parts.length).toBeGreaterThanOrEqual(Math.min(n, 8 * ranks, 2048));
        expect(parts.length).toBeLessThanOrEqual(4096);
        expect(Math.max(...parts.map((part) => part.end - part.first))).toBeLessThanOrEqual(
          Math.max(n / (8 * ranks), n / 2048, 1),
        );
      }),
      { numRuns: 40 },
    );
  });

  test("hold one object together, so that the functions cross once", () => {
    const parts = partsFor({ n: 1000, seed: 1, ...normal }, 3);
    expect(new Set(parts.map((part) => part.job)).size).toBe(1);
    expect("finalizeFn" in parts[0]!.job).toBe(false);
  });

  test("two jobs whose parts take turns in one thread don't disturb each other", async () => {
    const wanted = [await runJob({ n: 3000, seed: 1, ...normal }), await runJob({ n: 3000, seed: 2, ...uneven })];
    // The parts take turns: each run waits after each part.
    const again = await Promise.all([
      runJob({ n: 3000, seed: 1, ...normal }, { ranks: 2 }),
      runJob({ n: 3000, seed: 2, ...uneven }, { ranks: 2 }),
    ]);
    expect(again).toEqual(wanted);
  });
});
