import { type DType, dtypeOf, dtypes, resultType } from "../../src/kernels/matmul/dtype.ts";

/** numpy.result_type for every pair, as numpy 1.24 prints it (and 2.x: NEP 50 changed scalars only). Rows and columns in the order of the heads. */
const heads = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"];
const table = `
  i1 i2 i2 i4 i4 i8 i8 f8 f4 f8
  i2 u1 i2 u2 i4 u4 i8 u8 f4 f8
  i2 i2 i2 i4 i4 i8 i8 f8 f4 f8
  i4 u2 i4 u2 i4 u4 i8 u8 f4 f8
  i4 i4 i4 i4 i4 i8 i8 f8 f8 f8
  i8 u4 i8 u4 i8 u4 i8 u8 f8 f8
  i8 i8 i8 i8 i8 i8 i8 f8 f8 f8
  f8 u8 f8 u8 f8 u8 f8 u8 f8 f8
  f4 f4 f4 f4 f8 f8 f8 f8 f4 f8
  f8 f8 f8 f8 f8 f8 f8 f8 f8 f8`;
const long = (short: string) => `${{ i: "int", u: "uint", f: "float" }[short[0] as "i"]}${8 * Number(short[1])}`;
const rows = table
  .trim()
  .split("\n")
  .map((line) => line.trim().split(" ").map(long));

test("the result type is numpy's result_type, for every pair", () => {
  expect(dtypes).toEqual(heads);
  expect(dtypes.map((a) => dtypes.map((b) => resultType(a, b)))).toEqual(rows);
});

test("an element type is told by the array's tag, and nothing else is one", () => {
  const arrays = [new Int8Array(1), new Uint8ClampedArray(1), new BigUint64Array(1), new Float32Array(1)];
  expect(arrays.map(dtypeOf)).toEqual<DType[]>(["int8", "uint8", "uint64", "float32"]);
  expect([[1], "x", null, new DataView(new ArrayBuffer(8)), { length: 3 }].map(dtypeOf)).toEqual(
    Array(5).fill(undefined),
  );
});
