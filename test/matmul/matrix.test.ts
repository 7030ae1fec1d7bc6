import fc from "fast-check";
import { Matrix, type MatrixLike, viewOf } from "../../src/kernels/matmul/matrix.ts";
import { panelOf } from "../../src/kernels/matmul/panel.ts";

/** All elements of a matrix, row by row. */
function elements(matrix: MatrixLike): unknown[] {
  const view = viewOf(matrix, "a");
  return Array.from(panelOf(view, { row0: 0, row1: view.shape[0], col0: 0, col1: view.shape[1] }) as ArrayLike<number>);
}

const refusal = (matrix: unknown) => {
  try {
    viewOf(matrix as MatrixLike, "a");
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return "accepted";
};

describe("nested arrays", () => {
  test("numbers become float64 and bigints int64", () => {
    expect(viewOf([[1, 2.5]], "a")).toMatchObject({ shape: [1, 2], dtype: "float64", data: Float64Array.of(1, 2.5) });
    expect(viewOf([[1n], [-2n]], "a")).toMatchObject({
      shape: [2, 1],
      dtype: "int64",
      data: BigInt64Array.of(1n, -2n),
    });
  });

  test("no rows are 0×0, and empty rows are rows", () => {
    expect(viewOf([], "a")).toMatchObject({ shape: [0, 0], dtype: "float64" });
    expect(viewOf([[], []], "a")).toMatchObject({ shape: [2, 0], dtype: "float64" });
  });

  test.each([
    [[[1, 2], [3]], 'UsageError: the rows of "a" differ in length: row 0 has 2 entries, row 1 has 1.'],
    [[[], [3]], 'UsageError: the rows of "a" differ in length: row 0 has 0 entries, row 1 has 1.'],
    [[[1, "2"]], 'UsageError: "a[0][1]" must be a number or a bigint, got "2" (string).'],
    [[[1, undefined]], 'UsageError: "a[0][1]" must be a number or a bigint, got undefined.'],
    [
      [[1], [2n]],
      'UsageError: "a[1][0]" is 2n (bigint), but the entries before it are numbers; make all of them numbers (float64) or all bigints (int64).',
    ],
    [
      [[1n, 2]],
      'UsageError: "a[0][1]" is 2, but the entries before it are bigints; make all of them numbers (float64) or all bigints (int64).',
    ],
    [
      [[2n ** 63n]],
      'UsageError: "a[0][0]" must be a bigint within int64; pass unsigned values as { shape, data: BigUint64Array }, got 9223372036854775808n (bigint).',
    ],
    [[1, 2], 'UsageError: "a[0]" must be a row: an array of numbers or of bigints, got 1.'],
    [
      [[1], Float64Array.of(1)],
      'UsageError: "a[1]" must be a row: an array of numbers or of bigints, got a Float64Array.',
    ],
    [[[[1]]], 'UsageError: "a[0][0]" must be a number or a bigint, got an array of 1.'],
  ])("refuses %j", (matrix, message) => expect(refusal(matrix)).toBe(message));
});

describe("strided arrays", () => {
  const data = Float64Array.of(0, 1, 2, 3, 4, 5, 6, 7);

  test("are read by shape, strides and offset, with scijs's or stdlib's names, also backwards and standing still", () => {
    expect(elements({ shape: [2, 3], data })).toEqual([0, 1, 2, 3, 4, 5]);
    expect(elements({ shape: [2, 3], data, stride: [1, 2] })).toEqual([0, 2, 4, 1, 3, 5]);
    expect(elements({ shape: [2, 3], data, strides: [-3, 1], offset: 4, dtype: "float64" })).toEqual([
      4, 5, 6, 1, 2, 3,
    ]);
    expect(elements({ shape: [2, 2], data, strides: [0, -1], offset: 7 })).toEqual([7, 6, 7, 6]);
    expect(elements({ shape: [1, 2], data: [3n, 4n], dtype: "generic" })).toEqual([3n, 4n]);
    expect(viewOf({ shape: [1, 1], data: new Uint8ClampedArray(1), dtype: "uint8c" }, "a").dtype).toBe("uint8");
  });

  test("copies of rectangles hold what indexing gives, for any strides", () => {
    const law = fc.property(fc.nat(70), fc.nat(70), fc.constantFrom(1, -1, 2), fc.boolean(), (m, n, step, turned) => {
      const width = 2 * Math.max(m, n) + 1;
      const big = Float64Array.from({ length: width * width }, (_, i) => i);
      const strides = turned ? [step, width] : [width, step];
      const offset = step < 0 ? width - 1 : 0;
      const rect = { row0: m >> 2, row1: m, col0: n >> 1, col1: n };
      const panel = panelOf(viewOf({ shape: [m, n], data: big, strides, offset }, "a"), rect);
      const wanted: number[] = [];
      for (let i = rect.row0; i < m; i++)
        for (let j = rect.col0; j < n; j++) wanted.push(offset + i * strides[0]! + j * strides[1]!);
      expect(Array.from(panel as Float64Array)).toEqual(wanted);
    });
    fc.assert(law, { numRuns: 60 });
  });

  test.each([
    [7, 'UsageError: "a" must be a matrix: nested arrays or { shape: [rows, cols], data }, got 7.'],
    [null, 'UsageError: "a" must be a matrix: nested arrays or { shape: [rows, cols], data }, got null.'],
    [{ shape: [2], data }, 'UsageError: "a.shape" must be two whole numbers of 0 or more, [rows, cols], got [2].'],
    [
      { shape: [2, -1], data },
      'UsageError: "a.shape" must be two whole numbers of 0 or more, [rows, cols], got [2, -1].',
    ],
    [
      { shape: [2, 2], data: "1234" },
      'UsageError: "a.data" must be a typed array of numbers or bigints, or a plain array of them, got "1234" (string).',
    ],
    [{ shape: [1, 2], data: [1, null] }, 'UsageError: "a.data[1]" must be a number or a bigint, got null.'],
    [
      { shape: [3, 3], data },
      'UsageError: "a.data" has 8 elements, but shape [3, 3] with strides [3, 1] and offset 0 reaches from index 0 to 8.',
    ],
    [
      { shape: [2, 2], data, strides: [-2, 1], offset: 1 },
      'UsageError: "a.data" has 8 elements, but shape [2, 2] with strides [-2, 1] and offset 1 reaches from index -1 to 2.',
    ],
    [
      { shape: [2, 2], data, strides: [1.5, 1] },
      'UsageError: "a.strides" must be two whole numbers, in elements, got [1.5, 1].',
    ],
    [
      { shape: [2, 2], data, offset: -1 },
      'UsageError: "a.offset" must be a whole number of 0 or more, in elements, got -1.',
    ],
    [
      { shape: [2, 2], data, dtype: "int8" },
      'UsageError: "a.dtype" says int8 but "a.data" holds float64; the data must then be of class Int8Array.',
    ],
  ])("refuses %#", (matrix, message) => expect(refusal(matrix)).toBe(message));

  test("an empty matrix needs no data", () => {
    expect(elements({ shape: [0, 5], data: new Int8Array(0) })).toEqual([]);
    expect(elements({ shape: [5, 0], data: new Int8Array(0), offset: 3 })).toEqual([]);
  });
});

test("a result gives its rows as nested arrays", () => {
  expect(new Matrix([2, 2], Int8Array.of(1, 2, 3, 4), "int8").toArray()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(new Matrix([1, 1], BigInt64Array.of(5n), "int64").toArray()).toEqual([[5n]]);
  expect(new Matrix([2, 0], new Float64Array(0), "float64").toArray()).toEqual([[], []]);
});
