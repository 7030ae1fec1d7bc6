import fc from "fast-check";
import { dtypes, type TypedArray, typedOver } from "../../src/kernels/matmul/dtype.ts";
import { matMulKernel } from "../../src/kernels/matmul/matmul.ts";
import { formatNpy, parseNpy } from "../../src/npy/npy.ts";
import { anyDType, randomMatrix } from "../matmul/reference.ts";

/** A file with this header text and these element bytes. */
function fileOf(header: string, elements: ArrayLike<number> = [], version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode("NUMPY"),
    version,
    0,
    ...length,
    ...text,
    ...Array.from(elements),
  ]);
}

const dictionary = (descr: string, shape: string, order = "False") =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;

test("what was written is read again, bit by bit, for all types and any number of dimensions", () => {
  const shapes = fc.array(fc.nat(4), { maxLength: 4 });
  const law = fc.property(anyDType, shapes, fc.nat(), (dtype, shape, seed) => {
    const length = shape.reduce((product, side) => product * side, 1);
    const { data } = randomMatrix(1, length, dtype, seed);
    const file = formatNpy({ shape, data });
    expect((file.length - data.byteLength) % 64).toBe(0);
    expect(parseNpy(file)).toEqual({ shape, data, dtype });
  });
  fc.assert(law, { numRuns: 200 });
});

test("a file is, byte by byte, what numpy writes", () => {
  const bytes = formatNpy({ shape: [2, 1], data: Int16Array.of(1, -2) });
  const header = `{'descr': '<i2', 'fortran_order': False, 'shape': (2, 1), }`.padEnd(117);
  expect(new TextDecoder("latin1").decode(bytes.subarray(6))).toBe(`\x01\x00v\x00${header}\n\x01\x00\xfe\xff`);
});

test("NaN, infinities and −0 keep their bits, and bytes may begin anywhere in a buffer", () => {
  const data = Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY, -0);
  const file = formatNpy({ shape: [3], data });
  const shifted = new Uint8Array(file.length + 3);
  shifted.set(file, 3);
  const read = parseNpy(shifted.subarray(3));
  expect(new Uint8Array(read.data.buffer)).toEqual(new Uint8Array(data.buffer));
});

test("big-endian elements are swapped", () => {
  const read = parseNpy(fileOf(dictionary("'>i4'", "(2,)"), [0, 0, 1, 2, 255, 255, 255, 254]));
  expect(read).toEqual({ shape: [2], data: Int32Array.of(258, -2), dtype: "int32" });
});

test("Fortran order becomes row-major", () => {
  const read = parseNpy(fileOf(dictionary("'|u1'", "(2, 3)", "True"), [1, 4, 2, 5, 3, 6]));
  expect(read.data).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
  const cube = parseNpy(fileOf(dictionary("'|i1'", "(2, 2, 2)", "True"), [0, 4, 2, 6, 1, 5, 3, 7]));
  expect(cube.data).toEqual(Int8Array.of(0, 1, 2, 3, 4, 5, 6, 7));
});

test("versions 2 and 3, other spellings of the same dictionary, and bytes after the array are read", () => {
  const wanted = { shape: [2], data: Uint8Array.of(7, 8), dtype: "uint8" };
  expect(parseNpy(fileOf(dictionary("'|u1'", "(2,)"), [7, 8], 2))).toEqual(wanted);
  expect(parseNpy(fileOf(dictionary("'|u1'", "(2,)"), [7, 8], 3))).toEqual(wanted);
  expect(parseNpy(fileOf(`{"shape":(2L,),"fortran_order":False,"descr":"u1"}\n`, [7, 8, 9]))).toEqual(wanted);
  expect(parseNpy(fileOf(dictionary("'|u1'", "()"), [7]))).toEqual({
    shape: [],
    data: Uint8Array.of(7),
    dtype: "uint8",
  });
});

test("a matrix that was read can be multiplied", () => {
  const matrix = parseNpy(formatNpy({ shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }));
  expect(matMulKernel.prepare?.({ a: matrix, b: matrix }).a).toMatchObject({ shape: [2, 2], dtype: "float32" });
});

test.each([
  [Uint8Array.of(1, 2, 3), "x.npy is no .npy file: it doesn't begin with \\x93NUMPY."],
  [fileOf("", [], 4), "x.npy is of .npy version 4.0; versions 1 to 3 can be read."],
  [
    fileOf(dictionary("'<f8'", "(2,)")).subarray(0, 40),
    "x.npy is cut short: its header needs 67 bytes, and it has 40.",
  ],
  [
    fileOf(dictionary("'<f8'", "(2, 3)"), [1]),
    "x.npy is cut short: shape (2, 3) of float64 needs 48 bytes of data, and it has 1.",
  ],
  [
    fileOf(dictionary("'<f8'", "(99999999, 99999999, 99999999)")),
    "x.npy is cut short: shape (99999999, 99999999, 99999999) of float64",
  ],
  [
    fileOf(dictionary("'|O'", "(2,)")),
    "x.npy holds elements of type '|O'; integers of 8 to 64 bits, float32 and float64 can be read.",
  ],
  [fileOf(dictionary("'<f2'", "(2,)")), "x.npy holds elements of type '<f2'; integers"],
  [fileOf(dictionary("'<c16'", "(2,)")), "x.npy holds elements of type '<c16'; integers"],
  [
    fileOf(dictionary("[('a', '<f8'), ('b', '<i4')]", "(2,)")),
    "x.npy holds elements of type [('a', '<f8'), ('b', '<i4')]; integers",
  ],
  [
    fileOf(dictionary("'<f8'", "(-2,)")),
    "the shape in the header of x.npy must be a tuple of whole numbers, got (-2,).",
  ],
  [fileOf(dictionary("'<f8'", "(2)")), "the shape in the header of x.npy must be a tuple of whole numbers, got (2)."],
  [
    fileOf("{'descr': '<f8', 'shape': (2,)}"),
    "the header of x.npy must be {'descr': …, 'fortran_order': True or False, 'shape': …}, got",
  ],
  [
    fileOf("{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': (2,)}"),
    "the header of x.npy must be",
  ],
])("refuses %#, naming the file", (bytes, message) => {
  expect(() => parseNpy(bytes, "x.npy")).toThrow(message);
});

test("refuses to write what is no array, and a shape that doesn't go with the data", () => {
  expect(() => formatNpy({ shape: [1], data: [1] as unknown as TypedArray })).toThrow('"data" must be a typed array');
  expect(() => formatNpy({ shape: [2, 2], data: new Int8Array(3) })).toThrow("got shape [2, 2] and 3 elements.");
});

test("every type has its array", () => {
  expect(dtypes.map((dtype) => typedOver(dtype, new ArrayBuffer(16)).byteLength)).toEqual(Array(10).fill(16));
});
