import fc from "fast-check";
import { bitLength, integerSqrt, log2 } from "../../src/kernels/prime/integer-sqrt.ts";
import { wholeNumber } from "../../src/kernels/prime/whole-number.ts";

const bigNatural = fc.bigInt({ min: 0n, max: 2n ** 700n });

describe("integerSqrt", () => {
  test("is the largest integer whose square is at most n, for n of any size", () => {
    fc.assert(
      fc.property(bigNatural, (n) => {
        const root = integerSqrt(n);
        expect(root * root <= n && (root + 1n) * (root + 1n) > n).toBe(true);
      }),
    );
  });

  test("is exact on both sides of a square, where doubles are not", () => {
    const roots = [1n, 2n, 3n, 94906265n, 94906266n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n + 1n, 10n ** 40n, 3n ** 500n];
    for (const root of roots) {
      expect(integerSqrt(root * root)).toBe(root);
      expect(integerSqrt(root * root - 1n)).toBe(root - 1n);
      expect(integerSqrt(root * root + 2n * root)).toBe(root);
    }
  });

  test("agrees with a slow search for every n below 2000", () => {
    for (let n = 0, root = 0; n < 2000; n++) {
      if ((root + 1) ** 2 <= n) root++;
      expect(integerSqrt(BigInt(n))).toBe(BigInt(root));
    }
  });

  test("refuses negative numbers", () => expect(() => integerSqrt(-1n)).toThrow(/0 or more, got -1n/));
});

describe("bitLength and log2", () => {
  test("bitLength counts binary digits", () => {
    fc.assert(fc.property(bigNatural, (n) => expect(bitLength(n)).toBe(n === 0n ? 0 : n.toString(2).length)));
  });

  test("log2 is right to 2^-40 for numbers far beyond the doubles", () => {
    expect(log2(1n)).toBe(0);
    expect(log2(2n ** 5000n)).toBe(5000);
    expect(log2(3n ** 4000n)).toBeCloseTo(4000 * Math.log2(3), 8);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), fc.nat(900), (n, shift) => {
        expect(Math.abs(log2(BigInt(n) << BigInt(shift)) - shift - Math.log2(n))).toBeLessThan(2 ** -40);
      }),
    );
  });
});

describe("wholeNumber", () => {
  test("passes bigints through and turns safe whole numbers into bigints", () => {
    expect(wholeNumber("n", 2n ** 300n)).toBe(2n ** 300n);
    expect(wholeNumber("n", Number.MAX_SAFE_INTEGER)).toBe(2n ** 53n - 1n);
    expect(wholeNumber("n", -7)).toBe(-7n);
    expect(wholeNumber("n", -0)).toBe(0n);
  });

  test.each([0.5, Number.NaN, Infinity, -Infinity, "97", null, undefined, true, [7], {}])("refuses %p", (value) => {
    expect(() => wholeNumber("n", value)).toThrow(/^"n" must be a whole number, as a number or a bigint, got /);
  });

  test.each([2 ** 53, -(2 ** 53), 1e300])("refuses the unsafe number %p and asks for a bigint", (value) => {
    expect(() => wholeNumber("n", value)).toThrow(/beyond 2\^53 − 1 .*Pass it as a bigint/);
  });
});
