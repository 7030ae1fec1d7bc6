import type { MonteCarloResult } from "../../src/kernels/monte-carlo/moments.ts";
import type { Rng } from "../../src/random/sample-rng.ts";
import { runJob } from "./run-kernel.ts";

const inCircle = {
  sampleFn: (rng: Rng) => ({ x: rng.random(), y: rng.random() }),
  evalFn: ({ x, y }: { x: number; y: number }) => (x * x + y * y < 1 ? 4 : 0),
};
const byIndex = (values: readonly number[]) => ({
  n: values.length,
  sampleFn: (_: Rng, index: number) => index,
  evalFn: (index: number) => values[index]!,
});

describe("the default result", () => {
  test("has the keys mean, variance, stderr and samples, and finds pi within four standard errors", async () => {
    const result = await runJob<MonteCarloResult>({ n: 200000, seed: 3, ...inCircle }, { ranks: 4 });
    expect(Object.keys(result)).toEqual(["mean", "variance", "stderr", "samples"]);
    expect(Math.abs(result.mean - Math.PI)).toBeLessThan(4 * result.stderr);
    expect(result.variance).toBeCloseTo(Math.PI * (4 - Math.PI), 1);
    expect(result.stderr).toBe(Math.sqrt(result.variance / 200000));
    expect(result.samples).toBe(200000);
  });

  test("has the unbiased variance, and NaN for one sample", async () => {
    expect(await runJob(byIndex([1, 2, 4, 9]))).toEqual({
      mean: 4,
      variance: expect.closeTo(38 / 3, 12),
      stderr: expect.closeTo(Math.sqrt(38 / 12), 12),
      samples: 4,
    });
    expect(await runJob(byIndex([5]))).toEqual({ mean: 5, variance: Number.NaN, stderr: Number.NaN, samples: 1 });
  });

  test("lets NaN and Infinity through, as numpy does", async () => {
    expect(await runJob(byIndex([1, Number.NaN, 3]))).toMatchObject({ mean: Number.NaN, variance: Number.NaN });
    const values = Array.from({ length: 5000 }, (_, i) => (i % 2000 === 0 ? Number.POSITIVE_INFINITY : i));
    expect(await runJob(byIndex(values))).toMatchObject({ mean: Number.POSITIVE_INFINITY, variance: Number.NaN });
  });
});

describe("own reducers", () => {
  const histogram = {
    sampleFn: (rng: Rng) => rng.normal(),
    evalFn: (x: number) => Math.min(Math.max(Math.floor(x) + 4, 0), 7),
    initFn: () => new Float64Array(8),
    reduceFn: (bins: Float64Array, bin: number) => {
      bins[bin]! += 1;
      return bins;
    },
    combineFn: (a: Float64Array, b: Float64Array) => a.map((count, bin) => count + b[bin]!),
  };

  test("give their accumulator", async () => {
    const bins = await runJob<Float64Array>({ n: 50000, seed: 5, ...histogram }, { ranks: 3 });
    expect(bins.reduce((a, b) => a + b)).toBe(50000);
    expect(Math.abs(bins[4]! / 50000 - 0.3413)).toBeLessThan(0.01);
  });

  test("combine neighbours in the order of the samples", async () => {
    for (const n of [1, 2, 1000, 9001]) {
      const numbers = await runJob<number[]>(
        {
          n,
          sampleFn: (_: Rng, index: number) => index,
          evalFn: (index: number) => index,
          initFn: () => [],
          reduceFn: (acc: number[], value: number) => {
            acc.push(value);
            return acc;
          },
          combineFn: (a: number[], b: number[]) => a.concat(b),
        },
        { ranks: 5, order: (parts) => parts.reverse() },
      );
      expect(numbers).toEqual(Array.from({ length: n }, (_, i) => i));
    }
  });

  test("end in finalizeFn, which may be any closure and gets n; with the default reducers it gets the moments", async () => {
    const seen: unknown[] = [];
    const finalizeFn = (bins: Float64Array, n: number) => {
      seen.push(n);
      return bins[4]! / n;
    };
    expect(await runJob({ n: 1000, seed: 5, ...histogram, finalizeFn })).toBeCloseTo(0.34, 1);
    expect(seen).toEqual([1000]);
    const moments = await runJob({ ...byIndex([1, 2, 3]), finalizeFn: (acc: object, n: number) => [acc, n] });
    expect(moments).toEqual([{ count: 3, mean: 2, m2: 2 }, 3]);
  });

  test("may start from undefined", async () => {
    const job = {
      ...byIndex([3, 9, 4]),
      initFn: () => undefined,
      reduceFn: (acc: number | undefined, value: number) => Math.max(acc ?? value, value),
      combineFn: (a: number, b: number) => Math.max(a, b),
    };
    expect(await runJob(job)).toBe(9);
  });
});
