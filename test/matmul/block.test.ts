import fc from "fast-check";
import { multiplyBlock } from "../../src/kernels/matmul/block.ts";
import { type DType, integerRange, kindOf, resultType, type TypedArray } from "../../src/kernels/matmul/dtype.ts";
import { type Engine, engineOf, hasFusedMultiplyAdd } from "../../src/kernels/matmul/engine.ts";
import { loadLimb, magnitudeBits, planLimbs } from "../../src/kernels/matmul/limbs.ts";
import { sideBySide, stacked } from "../../src/kernels/matmul/operand.ts";
import {
  anyDType,
  anyInteger,
  type Dense,
  doubleProduct,
  exactProduct,
  randomMatrix,
  worstError,
} from "./reference.ts";

const quiet = { step: () => {} };
// Node 20 and later have relaxed SIMD; a machine without it would test only the other variant.
const engines: Record<string, Engine | undefined> = { simd: engineOf("simd") };
if (hasFusedMultiplyAdd()) engines.fma = engineOf("fma");

function multiply(a: Dense, b: Dense, small: boolean, engine?: Engine) {
  const options = { ...quiet, small, ...(engine ? { engine } : {}) };
  const dtype = resultType(dtypeName(a), dtypeName(b));
  return multiplyBlock(stacked([a.data], a.shape[1]), sideBySide([b.data], b.shape[0]), dtype, options);
}

const dtypeName = ({ data }: Dense) =>
  data.constructor.name.replace("Big", "").replace("Array", "").toLowerCase() as DType;
const side = fc.integer({ min: 1, max: 40 });

describe.each([undefined, ...Object.keys(engines)])("products by %s (undefined: plain loops)", (name) => {
  const small = name === undefined;
  const engine = name === undefined ? undefined : engines[name];

  test("of floats are right to rounding", () => {
    const float = fc.constantFrom<DType>("float64", "float32");
    const law = fc.property(side, side, side, float, anyDType, fc.nat(), (m, k, n, left, right, seed) => {
      const [a, b] = [randomMatrix(m, k, left, seed, 40), randomMatrix(k, n, right, seed + 1, 40)];
      const c = multiply(a, b, small, engine) as Float64Array;
      const dtype = resultType(left, right);
      expect(c.constructor.name.toLowerCase()).toBe(`${dtype}array`);
      expect(worstError(c, doubleProduct(a, b))).toBeLessThanOrEqual(dtype === "float64" ? 1e-13 : (k + 1) * 2 ** -24);
    });
    fc.assert(law, { numRuns: 60 });
  });

  test("of integers are exact, or say where the first sum is that doesn't fit", () => {
    const bits = fc.integer({ min: 1, max: 64 });
    const law = fc.property(
      side,
      side,
      side,
      anyInteger,
      anyInteger,
      bits,
      fc.nat(),
      (m, k, n, left, right, most, seed) => {
        const dtype = resultType(left, right);
        fc.pre(kindOf(dtype) !== "float");
        const [a, b] = [randomMatrix(m, k, left, seed, most), randomMatrix(k, n, right, seed + 1, 64 - most)];
        const exact = exactProduct(a, b);
        const c = multiply(a, b, small, engine);
        const { min, max } = integerRange(dtype);
        const outside = exact.findIndex((sum) => sum < min || sum > max);
        if (outside < 0) expect(Array.from(c as ArrayLike<number>, BigInt)).toEqual(exact);
        else expect(c).toMatchObject({ row: Math.floor(outside / n), col: outside % n });
        if (outside >= 0 && "sum" in c && !c.sum.startsWith("about")) expect(c.sum).toBe(String(exact[outside]));
      },
    );
    fc.assert(law, { numRuns: 80 });
  });
});

describe.each(Object.entries(engines))("the %s engine", (_name, engine) => {
  test.each([
    [1025, 2, 1025],
    [5, 700, 9],
    [130, 257, 131],
    [1, 300, 1030],
    [600, 65, 1],
  ])("is right across the borders of its tiles: %d×%d×%d", (m, k, n) => {
    const [a, b] = [randomMatrix(m, k, "float64", 1), randomMatrix(k, n, "float64", 2)];
    expect(worstError(multiply(a, b, false, engine) as Float64Array, doubleProduct(a, b))).toBeLessThanOrEqual(1e-13);
    const [af, bf] = [randomMatrix(m, k, "float32", 3), randomMatrix(k, n, "float32", 4)];
    const c = multiply(af, bf, false, engine) as Float32Array;
    expect(worstError(c, doubleProduct(af, bf))).toBeLessThanOrEqual((k + 1) * 2 ** -24);
  });

  test("multiplies 64-bit integers exactly across the borders of its tiles", () => {
    const [a, b] = [randomMatrix(260, 300, "int64", 5, 40), randomMatrix(300, 20, "int64", 6, 14)];
    expect(Array.from(multiply(a, b, false, engine) as BigInt64Array)).toEqual(exactProduct(a, b));
    const [u, v] = [randomMatrix(20, 30, "uint64", 7, 50), randomMatrix(30, 260, "uint32", 8, 8)];
    expect(Array.from(multiply(u, v, false, engine) as BigUint64Array)).toEqual(exactProduct(u, v));
  });

  test.each(["int16", "int64"] as const)(
    "names the place of a sum of %s that doesn't fit, also right of the first stripe",
    (dtype) => {
      const { max } = integerRange(dtype);
      const [a, b] = [randomMatrix(40, 20, dtype, 9, 0), randomMatrix(20, 200, dtype, 10, 0)];
      const put = ({ data }: Dense, at: number, value: bigint) => {
        (data as { [i: number]: unknown })[at] = dtype === "int64" ? value : Number(value);
      };
      put(a, 37 * 20 + 4, max);
      put(b, 4 * 200 + 150, 2n);
      expect(multiply(a, b, false, engine)).toEqual({ row: 37, col: 150, sum: String(2n * max) });
    },
  );

  test("cancels large products of 64-bit integers to a small sum, and knows a sum that wraps at 2^128", () => {
    const big = 2n ** 62n + 12345678901n;
    const rows = (values: bigint[], times: number) => BigInt64Array.from(Array(times).fill(values).flat());
    const a: Dense = {
      shape: [70, 70],
      data: rows(
        Array.from({ length: 70 }, (_, p) => (p % 2 ? -big : big)),
        70,
      ),
    };
    const b: Dense = { shape: [70, 70], data: rows(Array(70).fill(big), 70) };
    expect(new Set(multiply(a, b, false, engine) as BigInt64Array)).toEqual(new Set([0n]));
    const huge: Dense = { shape: [64, 64], data: new BigInt64Array(64 * 64).fill(-(2n ** 63n)) };
    // 64 · 2^126 is 2^132: 0 in 128 bits.
    expect(multiply(huge, huge, false, engine)).toEqual({ row: 0, col: 0, sum: "about 5.445e+39" });
  });
});

describe.each(["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"] as const)("%s", (dtype) => {
  const { min, max } = integerRange(dtype);
  const make = (rows: number, cols: number, values: bigint[]): Dense => {
    const matrix = randomMatrix(rows, cols, dtype, 0, 0);
    for (const [i, value] of values.entries())
      (matrix.data as { [i: number]: unknown })[i] = dtype.endsWith("64") ? value : Number(value);
    return matrix;
  };

  // Rows of 70 × 70 by 70 × 70 are large enough for limbs, where doubles don't do.
  test.each([
    ["plain loops", 2, true],
    ["the engine", 70, false],
  ])("holds its largest and smallest value, and no more, by %s", (_name, k, small) => {
    const sum = (x: bigint, y: bigint) => {
      const column = make(k, 1, [1n, 1n]);
      return multiply(make(1, k, [x, y]), column, small);
    };
    const rows = (x: bigint, y: bigint) => multiply(make(70, 70, [x, y]), make(70, 70, Array(71).fill(1n)), false);
    for (const product of small ? [sum] : [sum, rows]) {
      expect(BigInt((product(max - 1n, 1n) as TypedArray)[0]!)).toBe(max);
      expect(BigInt((product(min, 0n) as TypedArray)[0]!)).toBe(min);
      expect(product(max, 1n)).toEqual({ row: 0, col: 0, sum: String(max + 1n) });
      if (min < 0n) expect(product(min, -1n)).toEqual({ row: 0, col: 0, sum: String(min - 1n) });
    }
  });
});

test("the cut into blocks changes no bit: each element is summed in the same order", () => {
  const [a, b] = [randomMatrix(60, 300, "float64", 1), randomMatrix(300, 70, "float64", 2)];
  const whole = multiply(a, b, false) as Float64Array;
  const below: Dense = { shape: [23, 300], data: a.data.subarray(37 * 300) as TypedArray };
  expect(multiply(below, b, false)).toEqual(whole.subarray(37 * 70));
});

test("limbs put together are the number, for every integer type", () => {
  const law = fc.property(
    anyInteger,
    fc.nat(),
    fc.integer({ min: 1, max: 64 }),
    fc.integer({ min: 1, max: 30 }),
    (dtype, seed, most, bits) => {
      const { data } = randomMatrix(5, 5, dtype, seed, most);
      const count = Math.ceil(magnitudeBits([{ data }], () => {}) / bits);
      const sums = Array<bigint>(25).fill(0n);
      for (let i = 0; i < count; i++) {
        const limbs = new Float64Array(25);
        loadLimb(i, bits)(data, 0, 25, limbs, 0);
        expect(Math.max(...limbs.map(Math.abs))).toBeLessThan(2 ** bits);
        limbs.forEach((limb, at) => {
          sums[at]! += BigInt(limb) << BigInt(i * bits);
        });
      }
      expect(sums).toEqual(Array.from(data as ArrayLike<number>, BigInt));
    },
  );
  fc.assert(law, { numRuns: 200 });
});

test("limbs are as few as exact sums allow", () => {
  expect(planLimbs(32, 32, 1000)).toEqual({ bits: [16, 16], counts: [2, 2] });
  expect(planLimbs(64, 64, 500)).toEqual({ bits: [22, 22], counts: [3, 3] });
  expect(planLimbs(10, 64, 1000)).toEqual({ bits: [10, 22], counts: [1, 3] });
  const law = fc.property(fc.nat(64), fc.nat(64), fc.integer({ min: 1, max: 2 ** 40 }), (p, q, k) => {
    const { bits, counts } = planLimbs(p, q, k);
    expect(BigInt(k) << BigInt(bits[0] + bits[1])).toBeLessThanOrEqual(2n ** 53n);
    expect(bits[0] * counts[0] >= p && bits[1] * counts[1] >= q).toBe(true);
  });
  fc.assert(law);
});
