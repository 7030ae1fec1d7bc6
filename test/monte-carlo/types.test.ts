/** The types of `monteCarlo`, as a user's compiler sees them: this file is compiled, and each call run once. */
import { type MonteCarloOptions, monteCarlo, shutdown } from "mpits";

afterAll(() => shutdown());

const few = { seed: 1 } satisfies MonteCarloOptions;

test("the sample of sampleFn is what evalFn takes", async () => {
  const { mean } = await monteCarlo(
    100,
    (rng) => ({ x: rng.random(), y: 1 }),
    ({ x, y }) => x * y,
    few,
  );
  expect(mean).toBeGreaterThan(0);
  const noZ = ({ z }: { z: number }): number => z;
  const sampleFn = (): { x: number } => ({ x: 1 });
  // @ts-expect-error A sample has no z.
  const wrong = monteCarlo(100, sampleFn, noZ, few);
  await expect(wrong).rejects.toThrow("evalFn must return a number, got undefined for sample");
});

test("params are typed by what is given, and nothing else may be read of them", async () => {
  const evalFn = (x: number, { strike }: { strike: number }): number => Math.max(x - strike, 0);
  const sampleFn = (rng: { random(): number }): number => rng.random();
  const means = [];
  for (const strike of [0.2, 0.9])
    means.push((await monteCarlo(1000, sampleFn, evalFn, { ...few, params: { strike } })).mean);
  expect(means[0]).toBeGreaterThan(means[1]!);
  // @ts-expect-error There is no strike in them.
  const wrong = monteCarlo(10, sampleFn, evalFn, { ...few, params: { stroke: 1 } });
  expect((await wrong).mean).toBeNaN();
});

test("reducers of your own are typed by their accumulator, and the result by finalizeFn", async () => {
  const bins = await monteCarlo(
    100,
    (rng) => rng.integer(0, 4),
    (bin) => bin,
    {
      ...few,
      initFn: () => new Float64Array(4),
      reduceFn: (acc, bin) => {
        acc[bin] += 1;
        return acc;
      },
      combineFn: (a, b) => a.map((count, i) => count + b[i]),
      finalizeFn: (acc, n) => Array.from(acc, (count) => count / n),
    },
  );
  expect(bins.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
});

test("without finalizeFn the result is the accumulator, whatever evalFn gives", async () => {
  const largest = await monteCarlo(
    100,
    (rng, index) => ({ index, loss: rng.random() }),
    (sample) => sample,
    {
      ...few,
      initFn: () => ({ index: -1, loss: 0 }),
      reduceFn: (best, sample) => (sample.loss > best.loss ? sample : best),
      combineFn: (a, b) => (b.loss > a.loss ? b : a),
    },
  );
  expect(largest.index).toBeGreaterThanOrEqual(0);
});

test("finalizeFn alone gets the moments", async () => {
  expect(
    await monteCarlo(
      100,
      (rng) => rng.random(),
      (x) => x,
      { ...few, finalizeFn: ({ count }) => `${count}` },
    ),
  ).toBe("100");
});
