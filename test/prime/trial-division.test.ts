import fc from "fast-check";
import { integerSqrt, log2 } from "../../src/kernels/prime/integer-sqrt.ts";
import { planSweep } from "../../src/kernels/prime/sweep-plan.ts";
import { findOddDivisor } from "../../src/kernels/prime/trial-division.ts";
import { dividend, trialStep } from "../../src/kernels/prime/trial-steps.ts";
import { wheelsFor } from "../../src/kernels/prime/wheel.ts";
import { lesser, oddDivisorsByDivision, primeBelow } from "./support.ts";

const sizes = [31n, 32n, 53n, 63n, 64n];

/** The smallest multiple of d that is n or a little more: a number of n's size that d divides. */
const planted = (n: bigint, d: bigint): bigint => n + ((d - (n % d)) % d);

/** The first divisor that the filter, rather than a division, takes care of. */
function firstFiltered(n: bigint): bigint {
  let low = 1;
  let high = Math.ceil(log2(n));
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (planSweep(log2(n), middle, wheelsFor(n))) high = middle;
    else low = middle;
  }
  return BigInt(Math.ceil(2 ** high)) + 211n;
}

describe("findOddDivisor finds", () => {
  test("the least odd divisor in any range, as plain division does", () => {
    const n = fc.oneof(fc.bigInt(1n, 2n ** 20n), fc.bigInt(1n, 2n ** 64n), fc.bigInt(1n, 2n ** 150n));
    fc.assert(
      fc.property(n, fc.bigInt(1n, 3000n), fc.bigInt(0n, 2000n), (n, from, length) => {
        expect(findOddDivisor(n, from, from + length).divisor).toBe(oddDivisorsByDivision(n, from, from + length)[0]);
      }),
      { numRuns: 300 },
    );
  });

  test("a divisor planted at every offset of a block, and at both ends of the range", () => {
    for (const [size, from] of [
      [53n, 2n ** 20n],
      [53n, 2n ** 24n],
      [64n, 2n ** 24n],
      [64n, 2n ** 28n],
      [80n, 2n ** 32n + 1n],
      [64n, 2n ** 31n],
      [66n, 2n ** 32n + 1n],
      [100n, 2n ** 31n],
      [100n, 2n ** 38n],
    ] as const) {
      const to = from + 700n;
      for (let d = from | 1n; d <= to; d += 2n) {
        const n = planted(2n ** size - 12345n, d);
        const expected = oddDivisorsByDivision(n, from, d)[0];
        if (findOddDivisor(n, from, to).divisor !== expected) throw new Error(`${d} of ${n} was missed`);
        if (findOddDivisor(n, d, d).divisor !== d) throw new Error(`${d} of ${n} alone was missed`);
        expect(findOddDivisor(n, d + 1n, d + 1n).divisor).toBe(undefined);
      }
    }
  });

  test("divisors that share factors with the wheel, when n does", () => {
    for (const d of [105n * 40_000_003n, 15n * 300_000_007n, 21n * 200_000_033n, 35n * 120_000_007n, 3n * 5n * 7n])
      expect(findOddDivisor(d * 4_000_000_007n, d, d + 10_000n).divisor).toBe(d);
  });

  test("the prime of a square of a prime, and nothing below it", () => {
    for (const bits of [10n, 16n, 24n, 26n, 27n, 31n, 32n, 33n, 40n, 50n, 64n, 100n]) {
      const p = primeBelow(2n ** bits);
      const from = p > 200_000n ? p - 200_000n : 3n;
      expect(findOddDivisor(p * p, from, p)).toEqual({ divisor: p, tested: Number((p - from) / 2n) + 1 });
      expect(findOddDivisor(p * p, from, p - 1n).divisor).toBe(undefined);
    }
  });

  test("divisors just before and just past the border between division and filter", () => {
    for (const size of [...sizes, 80n, 100n]) {
      const border = firstFiltered(2n ** size);
      for (let d = (border - 801n) | 1n; d < border + 2500n; d += 34n) {
        const n = planted(2n ** size + 9n, d);
        if (findOddDivisor(n, d - 300n, d + 300n).divisor === undefined) throw new Error(`${d} of ${n} was missed`);
      }
    }
  });

  test("divisors of n near multiples of d · 2^k, where whole blocks are close to an integer", () => {
    for (const d of [2n ** 27n + 29n, 2n ** 31n + 11n, 2n ** 32n - 5n, 2n ** 32n + 15n, 2n ** 36n + 31n])
      for (let k = 25n; k < 40n; k += 2n)
        for (const multiple of [2n ** k, 2n ** k - 1n, 2n ** k + 1n]) {
          const n = d * multiple;
          const least = findOddDivisor(n, d - 1000n, d + 1000n).divisor;
          expect(least).toBe(oddDivisorsByDivision(n, d - 1000n, d + 1000n)[0]);
          expect(findOddDivisor(n, d, d + 5000n).divisor).toBe(d);
        }
  });

  test("both factors of random semiprimes, near √n and far from it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 26, max: 60 }),
        fc.bigInt(1n, 2n ** 20n),
        fc.bigInt(1n, 2n ** 20n),
        (bits, a, b) => {
          const p = primeBelow(2n ** BigInt(bits) - a);
          const q = primeBelow(2n ** BigInt(bits) - b);
          const least = lesser(p, q);
          const root = integerSqrt(p * q);
          expect(findOddDivisor(p * q, least - 5000n, root).divisor).toBe(least);
          expect(findOddDivisor(p * q, least - 5000n, least - 2n).divisor).toBe(undefined);
        },
      ),
    );
  });

  test("divisors far into a range, where a step takes many blocks", () => {
    for (const bits of [28n, 31n, 32n, 33n, 36n, 40n, 50n, 70n]) {
      const p = primeBelow(2n ** bits - 2n ** (bits - 4n));
      const q = primeBelow(2n ** (bits + 8n) - 77n);
      const from = p - 12_345_678n;
      expect(findOddDivisor(p * q, from, p + 1000n).divisor).toBe(p);
      expect(findOddDivisor(p * q, from, p - 1n)).toEqual({ divisor: undefined, tested: 12_345_678 / 2 });
    }
  });

  test("divisors beyond 2^56 and of numbers of hundreds of digits", () => {
    for (const [d, cofactor] of [
      [2n ** 61n - 1n, 2n ** 127n - 1n],
      [2n ** 57n - 13n, 3n ** 400n],
      [2n ** 127n - 1n, 2n ** 127n + 45n],
      [1_000_003n, 7n ** 300n],
      [1_000_003n, 7n ** 3000n],
    ] as const)
      expect(findOddDivisor(d * cofactor, d - 400n, d + 10n).divisor).toBe(d);
  });

  test("every n below 3000 right, whatever the range", () => {
    for (let n = 1n; n < 3000n; n += 1n) {
      expect(findOddDivisor(n, 1n, n).divisor).toBe(1n);
      expect(findOddDivisor(n, 2n, n + 5n).divisor).toBe(oddDivisorsByDivision(n, 2n, n)[0]);
    }
  });
});

describe("the filter", () => {
  test("passes every divisor that division finds, over whole steps", () => {
    const start = fc.oneof(
      fc.bigInt(2n ** 23n, 2n ** 27n),
      fc.bigInt(2n ** 27n, 2n ** 32n),
      fc.bigInt(2n ** 32n, 2n ** 52n),
    );
    fc.assert(
      fc.property(start, fc.bigInt(0n, 2n ** 64n), (start, spread) => {
        const d = start | 1n;
        const n = planted(d * d + (spread % (d * d)), d + 2n * (spread % 2000n));
        const step = trialStep(dividend(n), d, d + 4000n, 4001);
        const passed = new Set([...step.candidates].map((offset) => step.start + BigInt(offset)));
        const missed = oddDivisorsByDivision(n, d, step.next - 1n).filter((divisor) => !passed.has(divisor));
        expect(missed).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("passes a divisor wherever in a step of many blocks it lies", () => {
    for (const at of [2n ** 27n, 2n ** 33n, 2n ** 36n])
      for (let d = at + 1n; d < at + 300_000n; d += 7500n) {
        const of = dividend(planted(at * at * 200n, d));
        let step = trialStep(of, at, 2n * at, 1_000_000);
        while (step.next <= d) step = trialStep(of, step.next, 2n * at, 1_000_000);
        expect([...step.candidates]).toContain(Number(d - step.start));
      }
  });

  test("keeps every candidate where nearly every divisor is one: before the root of a square", () => {
    const p = primeBelow(2n ** 80n);
    const q = primeBelow(p - 1_000_000n);
    const step = trialStep(dividend(p * q), q - 500_000n, p, 500_000);
    expect([...step.candidates].length).toBeGreaterThan(4000);
    expect(findOddDivisor(p * q, q - 500_000n, p).divisor).toBe(q);
    expect(findOddDivisor(p * p, q - 500_000n, p - 1n)).toEqual({
      divisor: undefined,
      tested: Number(p - q + 500_000n) / 2,
    });
  });
});

describe("findOddDivisor", () => {
  test("counts the odd numbers that it settled", () => {
    const prime = 2n ** 61n - 1n;
    for (const [from, to, odds] of [
      [3n, 3n, 1],
      [3n, 4n, 1],
      [4n, 4n, 0],
      [4n, 9n, 3],
      [3n, 1_000_001n, 500_000],
      [5n, 4n, 0],
    ] as const)
      expect(findOddDivisor(prime, from, to)).toEqual({ divisor: undefined, tested: odds });
  });

  test("lets the caller look in between, with a growing count, and stops when told to", () => {
    const counts: number[] = [];
    const outcome = findOddDivisor(2n ** 89n - 1n, 3n, 2n ** 44n, (tested) => counts.push(tested) === 4);
    expect(counts).toHaveLength(4);
    expect([...counts].sort((a, b) => a - b)).toEqual(counts);
    expect(outcome).toEqual({ divisor: undefined, tested: counts[3] });
    expect(outcome.tested).toBeLessThan(2 ** 43);
  });

  test("refuses what has no divisors to look for", () => {
    expect(() => findOddDivisor(0n, 3n, 9n)).toThrow(/"n" must be 1 or more/);
    expect(() => findOddDivisor(9n, 0n, 9n)).toThrow(/"from" must be 1 or more/);
  });
});
