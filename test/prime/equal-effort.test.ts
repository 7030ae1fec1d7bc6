import fc from "fast-check";
import { cutsOfEqualEffort } from "../../src/kernels/prime/equal-effort.ts";
import { integerSqrt } from "../../src/kernels/prime/integer-sqrt.ts";

const oddsOf = (n: bigint) => (integerSqrt(n) - 1n) / 2n;

test("the ranges lie one after the other, and together they are all divisors", () => {
  const numbers = fc.tuple(fc.integer({ min: 40, max: 3000 }), fc.bigInt({ min: 0n, max: 2n ** 40n - 1n }));
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 300 }), ([bits, low], parts) => {
      const n = 2n ** BigInt(bits) + low;
      const cuts = cutsOfEqualEffort(n, oddsOf(n), parts);
      expect([cuts.length, cuts[0], cuts.at(-1)]).toEqual([parts + 1, 0n, oddsOf(n)]);
      for (let part = 0; part < parts; part++) expect(cuts[part]! <= cuts[part + 1]!).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("a range of small divisors has fewer of them than one of large divisors, but not by far", () => {
  for (const bits of [53n, 64n, 100n, 400n]) {
    const [, cut, odds] = cutsOfEqualEffort(2n ** bits, oddsOf(2n ** bits), 2) as [bigint, bigint, bigint];
    expect(Number(cut) / Number(odds)).toBeGreaterThan(0.35);
    expect(Number(cut) / Number(odds)).toBeLessThanOrEqual(0.5);
  }
});
