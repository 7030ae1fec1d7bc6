/**
 * Reads and writes numpy's .npy files (NEP 1; format versions 1.0, 2.0 and 3.0) as plain objects of shape, data and type.
 * Works on bytes; opens no files. The header is a Python literal: it is parsed as data, never evaluated.
 */
import { expected, UsageError } from "../errors.ts";
import { bytesPerElement, type DType, dtypeOf, kindOf, type TypedArray, typedOver } from "../kernels/matmul/dtype.ts";
import { type Header, parseHeader, writeHeader } from "./header.ts";

/** A dense array of any number of dimensions in row-major order, as .npy files hold it. With two dimensions it is a matrix that `matMul` takes. */
export interface NpyArray {
  /** The length of each dimension; none for a scalar. */
  readonly shape: readonly number[];
  readonly data: TypedArray;
  readonly dtype: DType;
}

/**
 * The array in the bytes of a .npy file. Big-endian elements are swapped and Fortran order is turned into row-major, so `data`
 * is always dense, native and row-major. It is a copy. Bytes after the array are ignored, as numpy does.
 *
 * @param file what error texts call the file
 * @throws UsageError when it is no .npy file, is cut short, or holds something other than integers of 8 to 64 bits, float32 or float64
 */
export function parseNpy(bytes: Uint8Array, file = "the .npy data"): NpyArray {
  if (!ArrayBuffer.isView(bytes)) throw expected("parseNpy's argument", "the bytes of a .npy file", bytes);
  const header = parseHeader(bytes, file);
  const { shape, dtype } = header;
  const length = shape.reduce((product, side) => product * side, 1);
  const size = length * bytesPerElement(dtype);
  const have = bytes.byteLength - header.dataAt;
  if (!(have >= size))
    throw new UsageError(
      `${file} is cut short: shape (${shape.join(", ")}) of ${dtype} needs ${size} bytes of data, and it has ${have}.`,
    );
  const raw = new Uint8Array(size);
  raw.set(new Uint8Array(bytes.buffer, bytes.byteOffset + header.dataAt, size));
  if (header.bigEndian) swapBytes(raw, bytesPerElement(dtype));
  const data = typedOver(dtype, raw.buffer);
  return { shape, data: header.fortranOrder ? toRowMajor(data, shape) : data, dtype };
}

/**
 * The bytes of a .npy file (version 1.0, little-endian, row-major) that `numpy.load` reads.
 *
 * @param array shape and dense row-major data; a product's `Matrix` is one
 * @throws UsageError when data is no typed array of numbers or bigints, or doesn't have as many elements as the shape
 */
export function formatNpy(array: { readonly shape: ArrayLike<number>; readonly data: TypedArray }): Uint8Array {
  const dtype = dtypeOf(array?.data);
  if (!dtype) throw expected("data", "a typed array of numbers or bigints", array?.data);
  const shape = Array.from(array.shape);
  const length = shape.reduce((product, side) => product * side, 1);
  if (!shape.every((side) => Number.isSafeInteger(side) && side >= 0) || length !== array.data.length)
    throw new UsageError(
      `"data" must hold as many elements as "shape" says, dense and row-major; got shape [${shape.join(", ")}] and ${array.data.length} elements.`,
    );
  const header = writeHeader(descriptorOf(dtype), shape);
  const out = new Uint8Array(header.length + array.data.byteLength);
  out.set(header);
  out.set(new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength), header.length);
  return out;
}

function descriptorOf(dtype: DType): string {
  const bytes = bytesPerElement(dtype);
  const letter = { int: "i", uint: "u", float: "f" }[kindOf(dtype)];
  return `${bytes === 1 ? "|" : "<"}${letter}${bytes}`;
}

function swapBytes(raw: Uint8Array, size: number): void {
  for (let at = 0; at < raw.length; at += size) raw.subarray(at, at + size).reverse();
}

/** Column-major data of any number of dimensions as row-major data. */
function toRowMajor(data: TypedArray, shape: Header["shape"]): TypedArray {
  const to = data.slice() as { [index: number]: unknown };
  const strides = shape.map((_, d) => shape.slice(0, d).reduce((product, side) => product * side, 1));
  const index = shape.map(() => 0);
  let from = 0;
  for (let at = 0; at < data.length; at++) {
    to[at] = data[from];
    for (let d = shape.length - 1; d >= 0; d--) {
      from += strides[d]!;
      index[d]!++;
      if (index[d]! < shape[d]!) break;
      from -= strides[d]! * shape[d]!;
      index[d] = 0;
    }
  }
  return to as unknown as TypedArray;
}
