import { runJob } from "./run-kernel.ts";

const many = { n: 5000, seed: 3 };
const uniform = (rng: { random(): number }): number => rng.random();

test("params come last to sampleFn and evalFn, the same as if they were written into them", async () => {
  for (const strike of [0.25, 0.5]) {
    const written = await runJob({ ...many, sampleFn: uniform, evalFn: (x: number) => (x > strike ? x - strike : 0) });
    const given = await runJob({
      ...many,
      params: { strike },
      sampleFn: uniform,
      evalFn: (x: number, params: { strike: number }) => (x > params.strike ? x - params.strike : 0),
    });
    expect(given).toEqual(written);
  }
  const scaled = await runJob({
    ...many,
    params: [7],
    sampleFn: (_rng, index, [scale]: number[]) => index * scale!,
    evalFn: (x: number) => x,
  });
  expect(scaled).toMatchObject({ mean: expect.closeTo((7 * 4999) / 2, 6) });
});

test("and to reducers of one's own, at the ranks and at the driver", async () => {
  const bins = await runJob<number[]>(
    {
      ...many,
      params: { bins: 5 },
      sampleFn: uniform,
      evalFn: (x: number, { bins }: { bins: number }) => Math.floor(x * bins),
      initFn: ({ bins }: { bins: number }) => new Array(bins).fill(0),
      reduceFn: (acc: number[], bin: number, { bins }: { bins: number }) =>
        acc.map((c, i) => c + (bin % bins === i ? 1 : 0)),
      combineFn: (a: number[], b: number[], { bins }: { bins: number }) =>
        Array.from({ length: bins }, (_, i) => a[i]! + b[i]!),
    },
    { ranks: 3 },
  );
  expect(bins).toHaveLength(5);
  expect(bins.reduce((sum, count) => sum + count, 0)).toBe(5000);
});

test("without params no function gets an argument more: Math.max may combine", async () => {
  const input = { ...many, sampleFn: uniform, evalFn: (x: number) => x, initFn: () => 0 };
  const most = await runJob({ ...input, reduceFn: Math.max as never, combineFn: Math.max as never }, { ranks: 2 });
  expect(most).toBeGreaterThan(0.999);
});
