import { log2 } from "../../src/kernels/prime/integer-sqrt.ts";
import { errorBound, maxSteps, planSweep, type SweepPlan } from "../../src/kernels/prime/sweep-plan.ts";
import { trialModule } from "../../src/kernels/prime/trial-module.ts";
import { dividend, polynomial } from "../../src/kernels/prime/trial-steps.ts";
import { type Wheel, wheels, wheelsFor } from "../../src/kernels/prime/wheel.ts";
import { lesser } from "./support.ts";

/** The filter's hits over one run of a block that starts at `start`. */
function sweepRun(n: bigint, start: bigint, plan: SweepPlan, run: number, epsilon: number): Set<bigint> {
  const { wheel, steps, runs, cubic } = plan;
  const { wasm, offsetsOf, hits } = trialModule();
  const half = (runs * steps * wheel.stride) / 2;
  const first = run * steps * wheel.stride;
  const [k0, k1, k2, k3] = polynomial(dividend(n), start + BigInt(half), cubic);
  const [table, groups] = [offsetsOf[wheel.index]!, wheel.offsets.length / 16];
  wasm.sweepBlock(k0, k1, k2, k3, first - half, 1, steps, cubic, wheel.stride, table, groups, epsilon);
  return new Set([...hits()].map((hit) => start + BigInt(first + hit)));
}

/** The distance of n/d to the nearest integer, in units of 2^-32. */
function distance(n: bigint, d: bigint): number {
  const rest = n % d;
  return Number((lesser(rest, d - rest) << 40n) / d) / 256;
}

function wheelNumbers(start: bigint, wheel: Wheel, turns: number): bigint[] {
  return Array.from({ length: turns }, (_, turn) =>
    wheel.offsets.map((offset) => start + BigInt(turn * wheel.stride + offset)),
  ).flat();
}

const cases: [name: string, n: bigint, start: bigint][] = [
  ["2^53, past the slow zone", 2n ** 53n - 111n, 2n ** 20n],
  ["2^53, in the middle", 2n ** 53n - 111n, 2n ** 24n],
  ["2^53, near the root", 2n ** 53n - 111n, 94_906_000n],
  ["2^64, past the slow zone", 2n ** 64n - 59n, 2n ** 23n],
  ["2^64, in the middle", 2n ** 64n - 59n, 2n ** 28n - 77n],
  ["2^64, near the root", 2n ** 64n - 59n, 2n ** 32n - 400_000n],
  ["2^64, at half the root", 2n ** 64n, 2n ** 31n],
  ["2^80, by bigints", 2n ** 80n - 65n, 2n ** 32n + 1n],
  ["2^100, past the slow zone", 2n ** 100n - 15n, 2n ** 30n - 5n],
  ["2^100, by bigints", 2n ** 100n - 15n, 2n ** 36n],
  ["2^100, in the middle", 2n ** 100n - 15n, 3n * 2n ** 43n],
  ["2^100, near the root", 2n ** 100n - 15n, 2n ** 50n - 3_000_000n],
  ["3 · 5 · 7 · a prime near 2^64", 105n * (2n ** 64n - 59n), 3n ** 20n],
];

describe("the filter's error bound", () => {
  test.each(cases)("covers the true error on every divisor of a block: %s", (_name, n, from) => {
    const plan = planSweep(log2(n), log2(from) - 0.001, wheelsFor(n))!;
    const { wheel, steps, runs, epsilon } = plan;
    const start = from - (from % BigInt(wheel.stride));
    // Asked for all within `window` of an integer, the filter must report these, and nothing further off than its bound.
    const window = 2 ** 28;
    let checked = 0;
    const check = (run: number, reported: Set<bigint>) => {
      const divisors = wheelNumbers(start + BigInt(run * steps * wheel.stride), wheel, steps);
      const near = divisors.filter((d) => distance(n, d) <= window);
      checked += near.length;
      expect(near.filter((d) => !reported.has(d))).toEqual([]);
      expect([...reported].filter((d) => distance(n, d) > window + 2 * epsilon + 1)).toEqual([]);
    };
    for (const run of new Set([0, runs >> 1, runs - 1])) check(run, sweepRun(n, start, plan, run, window + epsilon));
    expect(checked).toBeGreaterThan(0);
  });

  test("is needed: with a thousandth of it, divisors are missed", () => {
    const start = 2n ** 23n - (2n ** 23n % 60n);
    const plan = planSweep(64, 23 - 0.001, wheelsFor(2n ** 64n - 59n))!;
    const divisors = wheelNumbers(start, plan.wheel, plan.steps);
    const found = (bound: number) =>
      divisors.filter((d) => sweepRun(2n ** 64n - (2n ** 64n % d), start, plan, 0, bound).has(d)).length;
    expect(plan.runs).toBe(1);
    expect(found(plan.epsilon)).toBe(divisors.length);
    expect(found(Math.floor(plan.epsilon / 1000))).toBeLessThan(divisors.length);
  });

  test("shrinks as divisors grow and grows with the block", () => {
    for (const cubic of [false, true]) {
      expect(errorBound(64, 27, 1000, 8, cubic)).toBeGreaterThan(errorBound(64, 28, 1000, 8, cubic));
      expect(errorBound(64, 27, 2000, 8, cubic)).toBeGreaterThan(errorBound(64, 27, 1000, 8, cubic));
      expect(errorBound(64, 40, 1000, 256, cubic)).toBeGreaterThan(errorBound(64, 40, 1000, 8, cubic));
    }
  });
});

describe("the hit list never overflows", () => {
  const { wasm, offsetsOf, limbs, hits } = trialModule();
  const everything = 2 ** 31 - 1;
  const sorted = () => [...hits()].map(BigInt).sort((a, b) => Number(a - b));

  test.each([false, true])(
    "where everything is a candidate: a call returns after the run that filled it (cubic: %p)",
    (cubic) => {
      const large = wheels[2]!;
      const table = offsetsOf[large.index]!;
      const done = wasm.sweepBlock(
        0.1234567,
        0.2345678,
        0,
        0,
        -1e5,
        5,
        maxSteps,
        cubic,
        large.stride,
        table,
        3,
        everything,
      );
      expect(done).toBe(1);
      expect(sorted()).toEqual(wheelNumbers(0n, large, maxSteps));
    },
  );

  test.each([false, true])(
    "where n has thousands of divisors in a row: all of those passed are there (cubic: %p)",
    (cubic) => {
      let n = 1n;
      for (let i = 2n; i < 1400n; i++) n *= i / greatestCommonDivisor(n, i);
      const count = Math.ceil((n.toString(2).length - 64) / 32);
      for (let i = 0; i < count; i++) limbs[i] = BigInt.asUintN(32, n >> BigInt(32 * (count - 1 - i)));
      const odd = wheels[0]!;
      const [top, table, from] = [n >> BigInt(32 * count), offsetsOf[odd.index]!, 1_000_000n];
      const done = wasm.sweepBlocks(top, count, from, 50, 1, maxSteps, cubic, odd.stride, table, 1, everything);
      expect(done).toBeLessThan(50);
      const passed = wheelNumbers(0n, odd, done * maxSteps);
      expect(sorted()).toEqual(passed.filter((offset) => n % (from + offset) === 0n));
    },
  );
});

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}

describe("a sweep plan", () => {
  test("fits the module: whole looks, no more steps than it has room for, a bound far from half a turn", () => {
    for (let lgN = 20; lgN < 400; lgN += 13.7)
      for (let lgStart = 1; lgStart <= lgN / 2; lgStart += 1.83) {
        const plan = planSweep(lgN, lgStart, wheelsFor(2n));
        if (!plan) continue;
        expect(plan.steps % 8).toBe(0);
        expect(plan.steps).toBeGreaterThan(0);
        expect(plan.steps).toBeLessThanOrEqual(maxSteps);
        expect(plan.runs * plan.steps * plan.wheel.stride).toBeLessThanOrEqual(2 ** 21);
        expect(plan.epsilon).toBeLessThan(2 ** 19);
      }
  });

  test("exists for divisors from about (n · 2^45.6)^(1/5) on and for none below", () => {
    for (const lgN of [53, 64, 100]) {
      expect(planSweep(lgN, (lgN + 45.5) / 5, wheelsFor(2n))).toBeUndefined();
      expect(planSweep(lgN, (lgN + 45.8) / 5, wheelsFor(2n))).toBeDefined();
    }
  });

  test("never uses a wheel that one of its primes forbids", () => {
    for (let n = 1n; n < 400n; n++)
      for (const wheel of Object.values(wheelsFor(n)))
        for (const prime of [3n, 5n, 7n])
          if (n % prime === 0n) expect(wheel.offsets.some((offset) => BigInt(offset) % prime === 0n)).toBe(true);
    expect(wheels.map((wheel) => wheel.offsets.length)).toEqual([16, 16, 48]);
  });
});
