import fc from "fast-check";
import { integerRange, kindOf, resultType } from "../../src/kernels/matmul/dtype.ts";
import { type MatMulInput, matMulKernel } from "../../src/kernels/matmul/matmul.ts";
import type { MatrixLike } from "../../src/kernels/matmul/matrix.ts";
import { anyDType, doubleProduct, exactProduct, randomMatrix, worstError } from "./reference.ts";
import { fakeRank, partsOf, product } from "./run-kernel.ts";

const ranks = (count: number, perHost = count) =>
  Array.from({ length: count }, (_, r) => `host${Math.floor(r / perHost)}`);
const side = fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 2, max: 50 }));
const world = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 3 })).map(([n, per]) => ranks(n, per));

test("the product is right for all shapes, element types and numbers of ranks", async () => {
  const law = fc.asyncProperty(
    side,
    side,
    side,
    anyDType,
    anyDType,
    world,
    fc.nat(),
    async (m, k, n, left, right, hosts, seed) => {
      const [a, b] = [randomMatrix(m, k, left, seed, 6), randomMatrix(k, n, right, seed + 1, 3)];
      const dtype = resultType(left, right);
      const integers = kindOf(dtype) !== "float";
      const exact = integers ? exactProduct(a, b) : [];
      const { min, max } = integers ? integerRange(dtype) : { min: 0n, max: 0n };
      fc.pre(exact.every((sum) => sum >= min && sum <= max));
      const c = await product({ a, b }, hosts, seed % 2 === 1);
      expect([c.shape, c.dtype]).toEqual([[m, n], dtype]);
      if (integers) expect(Array.from(c.data as ArrayLike<number>, BigInt)).toEqual(exact);
      else
        expect(worstError(c.data as Float64Array, doubleProduct(a, b))).toBeLessThanOrEqual(
          dtype === "float64" ? 1e-13 : (k + 1) * 2 ** -24,
        );
    },
  );
  await fc.assert(law, { numRuns: 150 });
});

test("the number of ranks changes no bit of a product of doubles", async () => {
  const [a, b] = [randomMatrix(61, 90, "float64", 1), randomMatrix(90, 47, "float64", 2)];
  const one = await product({ a, b });
  for (const hosts of [ranks(2), ranks(5, 2), ranks(7, 1)])
    expect((await product({ a, b }, hosts)).data).toEqual(one.data);
});

test("any form of matrix goes with any other", async () => {
  const nested = [
    [1, 2],
    [3, 4],
  ];
  const transposed: MatrixLike = { shape: [2, 2], data: Int8Array.of(1, 2, 3, 4), stride: [1, 2], offset: 0 };
  expect((await product({ a: nested, b: transposed }, ranks(3))).toArray()).toEqual([
    [5, 11],
    [11, 25],
  ]);
  expect((await product({ a: [[2n]], b: [[3n]] })).toArray()).toEqual([[6n]]);
  expect((await product({ a: [[2n]], b: [[0.5]] })).toArray()).toEqual([[1]]);
});

test("a product without anything to sum is all zeros", async () => {
  expect((await product({ a: [[], []], b: { shape: [0, 3], data: new Float64Array(0) } }, ranks(4))).toArray()).toEqual(
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
  );
  expect(await product({ a: [], b: [] })).toMatchObject({ shape: [0, 0], data: new Float64Array(0) });
  expect(await product({ a: { shape: [0, 2], data: new Int8Array(0) }, b: [[1], [2]] })).toMatchObject({
    shape: [0, 1],
  });
});

describe("IEEE 754 is kept", () => {
  // Small products run in plain loops; padded with zero columns and rows to 50 × 50 × 50 they run in the engine.
  const padded = (matrix: number[][]) =>
    Array.from({ length: 50 }, (_, i) => Array.from({ length: 50 }, (_, j) => matrix[i]?.[j] ?? 0));
  const corner = async (a: number[][], b: number[][]) => [
    (await product({ a, b })).data[0],
    (await product({ a: padded(a), b: padded(b) })).data[0],
  ];
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

  test("0 · NaN and 0 · ∞ are NaN, ∞ · 1 is ∞, and ∞ − ∞ is NaN", async () => {
    expect(await corner([[0]], [[nan]])).toEqual([nan, nan]);
    expect(await corner([[0]], [[inf]])).toEqual([nan, nan]);
    expect((await product({ a: [[inf, 1]], b: [[1], [-inf]] })).data[0]).toBeNaN();
    expect((await product({ a: [[inf, 1]], b: [[1], [5]] })).data[0]).toBe(inf);
  });

  test("a sum of negative zeros is +0, as in numpy: sums begin at +0", async () => {
    expect(await corner([[-0]], [[1]])).toEqual([0, 0]);
    expect(await corner([[-1e-200]], [[1e-200]])).toEqual([0, 0]);
    const a = { shape: [1, 1], data: Float32Array.of(-0) };
    expect((await product({ a, b: a })).data[0]).toBe(0);
  });
});

describe("refusals", () => {
  test("name both shapes when the inner sizes differ", () => {
    const prepare = () => matMulKernel.prepare?.({ a: [[1, 2]], b: [[1, 2]] });
    expect(prepare).toThrow('the columns of "a" must be as many as the rows of "b", got 1×2 and 1×2.');
    expect(() => matMulKernel.prepare?.({ a: [[1]] } as unknown as MatMulInput)).toThrow('"b" must be a matrix');
  });

  test("come before anything is computed when the result could not be held", () => {
    const repeated = (shape: number[]) => ({ shape, data: Float64Array.of(1), strides: [0, 0] });
    expect(() => matMulKernel.prepare?.({ a: repeated([1e5, 1]), b: repeated([1, 1e5]) })).toThrow(
      "the product of 100000×1 and 1×100000 has more elements than one typed array can hold; multiply it in parts.",
    );
  });

  test("name row and column of a sum that doesn't fit, its value, the type, and what to do", async () => {
    const a = { shape: [3, 2], data: Int8Array.of(1, 1, 1, 1, 100, 100) };
    const b = { shape: [2, 3], data: Int8Array.of(0, 0, 1, 0, 0, 1) };
    await expect(product({ a, b }, ranks(4))).rejects.toMatchObject({
      code: "MPITS_USAGE",
      message:
        "the sum at row 2, column 2 of the product is 200, which int8 cannot hold (-128 to 127). " +
        'Cast "a" or "b" to a wider type, such as int64 or float64, first.',
    });
    const big = { shape: [1, 1], data: BigUint64Array.of(2n ** 63n) };
    await expect(product({ a: big, b: big })).rejects.toThrow(
      `the sum at row 0, column 0 of the product is ${2n ** 126n}, which uint64 cannot hold (0 to ${2n ** 64n - 1n}). Cast "a" or "b" to float64 first.`,
    );
  });
});

describe("while it computes", () => {
  const [a, b] = [randomMatrix(200, 200, "float64", 1), randomMatrix(200, 200, "float64", 2)];

  test("a block reports its rows, never backwards, and ends at all of them", async () => {
    const seen: number[][] = [];
    const [only] = partsOf({ a, b }, ["here"]);
    await matMulKernel.compute(only!.part, fakeRank({ progress: (done, total) => seen.push([done, total!]) }));
    expect(seen[0]).toEqual([0, 200]);
    expect(seen.at(-1)).toEqual([200, 200]);
    expect(new Set(seen.map(([done]) => done)).size).toBeGreaterThan(3);
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done!).sort((x, y) => x - y));
  });

  test("a cancelled block stops at its next look, and the next product in the thread is right", async () => {
    let looks = 0;
    const cancelRequested = () => ++looks > 5;
    const raiseIfCancelled = () => {
      throw new Error("cancelled");
    };
    const [only] = partsOf({ a, b }, ["here"]);
    const computing = matMulKernel.compute(only!.part, fakeRank({ cancelRequested, raiseIfCancelled }));
    await expect(computing).rejects.toThrow("cancelled");
    expect(looks).toBe(6);
    expect(worstError((await product({ a, b })).data as Float64Array, doubleProduct(a, b))).toBeLessThanOrEqual(1e-13);
  });

  test.each([
    ["float64", 0],
    ["float32", 0],
    ["int32", 9],
    ["int64", 40],
  ] as const)("%s looks at cancel at least once per 5 million multiply-adds", async (dtype, bits) => {
    const input = { a: randomMatrix(400, 200, dtype, 1, bits), b: randomMatrix(200, 300, dtype, 2, 10) };
    let looks = 0;
    const [only] = partsOf(input, ["here"]);
    await matMulKernel.compute(only!.part, fakeRank({ cancelRequested: () => ++looks < 0 }));
    expect(looks).toBeGreaterThan((400 * 200 * 300) / 5e6);
  });
});
