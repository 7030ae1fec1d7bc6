import fc from "fast-check";
import {
  blockMoments,
  type Moments,
  mergeMoments,
  momentsResult,
  NO_MOMENTS,
  reckonFromFirst,
} from "../../src/kernels/monte-carlo/moments.ts";
import { OrderedFold } from "../../src/kernels/monte-carlo/ordered-fold.ts";
import { newSumLoops, type Refusals } from "../../src/kernels/monte-carlo/sample-loops.ts";
import { type RngClass, rngOfSample } from "../../src/random/sample-rng.ts";
import type { Streams } from "../../src/random/sample-streams.ts";

const sumUp = newSumLoops().any.loop;
/** A generator that nobody asks for numbers. */
const NoRng = class {
  begin() {}
} as unknown as RngClass;

/** The moments of one block of values, summed up by the kernel's own loop in runs of at most `atOnce`. */
function of(values: number[], atOnce = 1024): Moments {
  const functions = { sampleFn: (_: unknown, index: number) => values[index], evalFn: (value: unknown) => value };
  const sums = new Float64Array(3);
  for (let index = 0; index < values.length; ) {
    const count = index === 0 ? 1 : Math.min(atOnce, values.length - index);
    sumUp(functions, NoRng, {} as Streams, { slot: 0, index, count }, {} as Refusals, sums);
    if (index === 0) reckonFromFirst(sums);
    index += count;
  }
  return blockMoments(values.length, sums);
}

/** The exact moments, rounded once; the values must be multiples of 2^−20. */
function exactly(values: number[]): { mean: number; m2: number } {
  const scaled = values.map((value) => BigInt(Math.round(value * 2 ** 20)));
  const n = BigInt(values.length);
  const sum = scaled.reduce((a, b) => a + b, 0n);
  const m2 = scaled.reduce((total, value) => total + (value * n - sum) ** 2n, 0n);
  return { mean: Number(sum) / 2 ** 20 / values.length, m2: Number(m2 / (n * n)) / 2 ** 40 };
}

describe("moments", () => {
  test("of values around 1e9 with deviation 1 keep nine digits of the variance", () => {
    const rng = rngOfSample(4, 0);
    const values = Array.from({ length: 50000 }, () => Math.round(rng.normal(1e9, 1) * 2 ** 20) / 2 ** 20);
    let merged = NO_MOMENTS;
    for (let i = 0; i < values.length; i += 1024) merged = mergeMoments(merged, of(values.slice(i, i + 1024)));
    const wanted = exactly(values);
    expect(Math.abs(merged.mean / wanted.mean - 1)).toBeLessThan(1e-15);
    expect(Math.abs(merged.m2 / wanted.m2 - 1)).toBeLessThan(1e-9);
    // What the textbook formula makes of it: the test has teeth.
    const naive = values.reduce((a, b) => a + b * b, 0) - values.reduce((a, b) => a + b, 0) ** 2 / values.length;
    expect(Math.abs(naive / wanted.m2 - 1)).toBeGreaterThan(0.1);
  });

  const grid = fc.integer({ min: -(2 ** 40), max: 2 ** 40 }).map((k) => k / 2 ** 20);
  const some = fc.array(grid, { minLength: 1, maxLength: 60 });

  test("merged are those of all values together, however they were grouped", () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const wanted = exactly([...a, ...b, ...c]);
        const scale = Math.max(...[...a, ...b, ...c].map(Math.abs), 1);
        const left = mergeMoments(mergeMoments(of(a), of(b)), of(c));
        const right = mergeMoments(of(a), mergeMoments(of(b), of(c)));
        expect(of([...a, ...b], 7)).toEqual(of([...a, ...b]));
        for (const got of [left, right, of([...a, ...b, ...c])]) {
          expect(got.count).toBe(a.length + b.length + c.length);
          expect(Math.abs(got.mean - wanted.mean)).toBeLessThanOrEqual(1e-14 * scale);
          expect(Math.abs(got.m2 - wanted.m2)).toBeLessThanOrEqual(1e-13 * (wanted.m2 + scale));
        }
      }),
    );
  });

  test("of equal values have no variance, and none at all has no effect", () => {
    const equal = of(new Array(1000).fill(0.1));
    expect(equal).toEqual({ count: 1000, mean: 0.1, m2: expect.closeTo(0, 25) });
    expect(equal.m2).toBeGreaterThanOrEqual(0);
    expect(mergeMoments(NO_MOMENTS, equal)).toEqual(equal);
    expect(mergeMoments(equal, NO_MOMENTS)).toEqual(equal);
    expect(momentsResult(of([1, 3]))).toEqual({ mean: 2, variance: 2, stderr: 1, samples: 2 });
  });
});

describe("the ordered fold", () => {
  const bracket = (a: string, b: string) => `(${a}${b})`;

  test("combines neighbours in a fixed tree", () => {
    const fold = new OrderedFold(bracket);
    for (const leaf of "abcdefg") fold.push(leaf);
    expect(fold.finish()).toEqual({ acc: "(((ab)(cd))((ef)g))", level: 3 });
  });

  test("gives the same when whole subtrees were folded elsewhere", () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), sizes, (leaves, wishes) => {
        const whole = new OrderedFold(bracket);
        for (let leaf = 0; leaf < leaves; leaf++) whole.push(`${leaf},`);
        const driver = new OrderedFold(bracket);
        for (let leaf = 0; leaf < leaves; ) {
          let count = 2 ** (wishes.pop() ?? 0);
          while (leaf % count !== 0 || leaf + count > leaves) count /= 2;
          const part = new OrderedFold(bracket);
          for (let k = 0; k < count; k++) part.push(`${leaf++},`);
          const { acc, level } = part.finish();
          driver.push(acc, level);
        }
        expect(driver.finish().acc).toBe(whole.finish().acc);
      }),
    );
  });
});
