/**
 * Derived datatypes: which bytes of a buffer a message is made of. MPI 4.1 section 5.1. A datatype says where they lie relative to
 * an origin; `pack` collects them, `unpack` puts them back. Strides and displacements count extents of the old type, unless
 * their name says bytes.
 */
import { expected, UsageError } from "../errors.ts";
import { copyShape, listShape, movedShape, repeatedShape, runShape, type Shape } from "./datatype-shape.ts";

/** Where in a buffer a message begins, and how often the type follows itself by its extent. */
export interface Span {
  /** How many of the type; default 1. */
  readonly count?: number;
  /** Bytes from the beginning of the view to the type's origin; default 0. */
  readonly offsetBytes?: number;
}

/** A layout of bytes. Never changes. The functions of this file make them. */
export class Datatype {
  /** Where the bytes are. For this file and its tests. */
  readonly shape: Shape;
  /** Bytes from the origin to where it begins; may be negative. MPI_Type_get_extent. */
  readonly lowerBound: number;
  /** Bytes from one of this type to the next. MPI_Type_get_extent. */
  readonly extent: number;

  constructor(shape: Shape, lowerBound: number, upperBound: number) {
    this.shape = shape;
    this.lowerBound = lowerBound;
    this.extent = upperBound - lowerBound;
  }

  /** Bytes of data: MPI_Type_size. */
  get size(): number {
    return this.shape.size;
  }

  get upperBound(): number {
    return this.lowerBound + this.extent;
  }

  /** The lowest byte that holds data, and the bytes from there to the end of the highest: MPI_Type_get_true_extent. */
  get trueExtent(): { readonly lowerBound: number; readonly extent: number } {
    return { lowerBound: this.shape.low, extent: this.shape.high - this.shape.low };
  }

  /**
   * The bytes of `count` of this type, one after the other: MPI_Pack, MPI 4.1 section 5.2.
   * @throws UsageError when any of them lies outside of the view.
   */
  pack(source: ArrayBufferView, span: Span = {}): Uint8Array {
    const shape = this.#within(source, span);
    const packed = new Uint8Array(shape.size);
    copyShape(shape, source, span.offsetBytes ?? 0, packed, "pack");
    return packed;
  }

  /**
   * Puts packed bytes back: MPI_Unpack. Bytes of the target that don't belong to the type stay as they are.
   * @throws UsageError when any of them lies outside of the view, or the bytes are not as many as the type takes.
   */
  unpack(packed: ArrayBufferView, target: ArrayBufferView, span: Span = {}): void {
    const shape = this.#within(target, span);
    if (packed.byteLength !== shape.size)
      throw new UsageError(`${packed.byteLength} bytes came for a datatype that takes ${shape.size}.`);
    copyShape(shape, target, span.offsetBytes ?? 0, packed, "unpack");
  }

  /** The bytes where they are, when they lie in one piece: then nothing needs packing. Undefined when they don't. */
  inOnePiece(view: ArrayBufferView, span: Span = {}): Uint8Array | undefined {
    const shape = this.#within(view, span);
    if (shape.kind !== "run") return undefined;
    return new Uint8Array(view.buffer, view.byteOffset + (span.offsetBytes ?? 0) + shape.low, shape.size);
  }

  #within(view: ArrayBufferView, { count = 1, offsetBytes = 0 }: Span): Shape {
    if (!ArrayBuffer.isView(view)) throw expected("buffer", "a typed array or DataView", view);
    checkCount("count", count);
    checkWhole("offsetBytes", offsetBytes);
    const shape = repeatedShape(this.shape, count, this.extent);
    const first = offsetBytes + shape.low;
    const end = offsetBytes + shape.high;
    if (shape.size > 0 && (first < 0 || end > view.byteLength))
      throw new UsageError(
        `the datatype takes bytes ${first} to ${end - 1} of a buffer that has ${view.byteLength} (count ${count}, offset ${offsetBytes} bytes).`,
      );
    return shape;
  }
}

/** The basic types. A layout knows only their sizes. */
export const INT8 = basic(1);
export const UINT8 = basic(1);
export const INT16 = basic(2);
export const UINT16 = basic(2);
export const INT32 = basic(4);
export const UINT32 = basic(4);
export const FLOAT32 = basic(4);
export const FLOAT64 = basic(8);
export const BIGINT64 = basic(8);
export const BIGUINT64 = basic(8);

/** The type of a typed array's elements; of bytes for a DataView. */
export function elementType(view: ArrayBufferView): Datatype {
  return basic((view as Uint8Array).BYTES_PER_ELEMENT ?? 1);
}

/** `count` of a type, one after the other: MPI_Type_contiguous. */
export function contiguous(count: number, old: Datatype): Datatype {
  checkCount("count", count);
  return repeated(old, count, old.extent);
}

/** `count` blocks of `blocklength`, whose starts lie `stride` apart (it may be negative): MPI_Type_vector. */
export function vector(count: number, blocklength: number, stride: number, old: Datatype): Datatype {
  checkWhole("stride", stride);
  return hvector(count, blocklength, stride * old.extent, old);
}

/** The same with the stride in bytes: MPI_Type_create_hvector. */
export function hvector(count: number, blocklength: number, strideBytes: number, old: Datatype): Datatype {
  checkCount("count", count);
  checkCount("blocklength", blocklength);
  checkWhole("strideBytes", strideBytes);
  // Blocks of nothing have no place, wherever the stride puts them.
  return repeated(repeated(old, blocklength, old.extent), blocklength === 0 ? 0 : count, strideBytes);
}

/** Blocks at these displacements: MPI_Type_indexed. One length for all (MPI_Type_create_indexed_block) or one for each. */
export function indexed(
  blocklengths: number | readonly number[],
  displacements: readonly number[],
  old: Datatype,
): Datatype {
  for (const displacement of displacements) checkWhole("displacements", displacement);
  const bytes = displacements.map((displacement) => displacement * old.extent);
  return hindexed(blocklengths, bytes, old);
}

/** The same with displacements in bytes: MPI_Type_create_hindexed. */
export function hindexed(
  blocklengths: number | readonly number[],
  displacementsBytes: readonly number[],
  old: Datatype,
): Datatype {
  const lengths = typeof blocklengths === "number" ? displacementsBytes.map(() => blocklengths) : blocklengths;
  if (lengths.length !== displacementsBytes.length)
    throw expected("blocklengths", `one for each of ${displacementsBytes.length} displacements`, blocklengths);
  return struct(lengths.map((count, i) => ({ type: old, count, offsetBytes: displacementsBytes[i]! })));
}

/**
 * A block of a larger array: MPI_Type_create_subarray, MPI 4.1 section 5.1.3. Its extent is the whole array, so `count` goes on to
 * the next array.
 *
 * @param sizes of the whole array, by dimension
 * @param subsizes of the block
 * @param starts where the block begins
 * @param order `"C"` (default): the last dimension runs fastest; `"F"`: the first does
 */
export function subarray(
  sizes: readonly number[],
  subsizes: readonly number[],
  starts: readonly number[],
  old: Datatype,
  order: "C" | "F" = "C",
): Datatype {
  if (order !== "C" && order !== "F") throw expected("order", '"C" or "F"', order);
  checkBlock(sizes, subsizes, starts);
  const dimensions = sizes.map((_, i) => i);
  if (order === "C") dimensions.reverse();
  let block = old;
  let stride = old.extent;
  let start = 0;
  for (const i of dimensions) {
    block = repeated(block, subsizes[i]!, stride);
    start += starts[i]! * stride;
    stride *= sizes[i]!;
  }
  return new Datatype(movedShape(block.shape, start), 0, stride);
}

/** A field of a struct. */
export interface Field {
  readonly type: Datatype;
  /** Bytes from the struct's origin. */
  readonly offsetBytes: number;
  /** How many of the type; default 1. */
  readonly count?: number;
}

/**
 * Fields of several types, at their offsets: MPI_Type_create_struct. It ends with its last field: where structs follow one
 * another with padding, give the length by `resized`.
 */
export function struct(fields: readonly Field[]): Datatype {
  const parts = fields.map(({ type, offsetBytes, count = 1 }) => {
    checkCount("count", count);
    checkWhole("offsetBytes", offsetBytes);
    const block = repeated(type, count, type.extent);
    return {
      count,
      low: offsetBytes + block.lowerBound,
      high: offsetBytes + block.upperBound,
      shape: movedShape(block.shape, offsetBytes),
    };
  });
  // Fields of no elements have no place, so no bounds either.
  const real = parts.filter(({ count }) => count > 0);
  if (real.length === 0) return new Datatype(runShape(0, 0), 0, 0);
  return new Datatype(
    listShape(real.map(({ shape }) => shape)),
    real.reduce((low, part) => Math.min(low, part.low), Number.POSITIVE_INFINITY),
    real.reduce((high, part) => Math.max(high, part.high), Number.NEGATIVE_INFINITY),
  );
}

/** The same bytes with other bounds: MPI_Type_create_resized, MPI 4.1 section 5.1.7. */
export function resized(old: Datatype, lowerBound: number, extent: number): Datatype {
  checkWhole("lowerBound", lowerBound);
  checkWhole("extent", extent);
  return new Datatype(old.shape, lowerBound, lowerBound + extent);
}

function basic(size: number): Datatype {
  return new Datatype(runShape(0, size), 0, size);
}

function repeated(old: Datatype, count: number, strideBytes: number): Datatype {
  const shape = repeatedShape(old.shape, count, strideBytes);
  if (count === 0) return new Datatype(shape, 0, 0);
  const reach = (count - 1) * strideBytes;
  return new Datatype(shape, old.lowerBound + Math.min(0, reach), old.upperBound + Math.max(0, reach));
}

function checkBlock(sizes: readonly number[], subsizes: readonly number[], starts: readonly number[]): void {
  if (sizes.length === 0) throw expected("sizes", "a list of one size or more", sizes);
  if (subsizes.length !== sizes.length) throw expected("subsizes", `one for each of ${sizes.length} sizes`, subsizes);
  if (starts.length !== sizes.length) throw expected("starts", `one for each of ${sizes.length} sizes`, starts);
  for (const [i, size] of sizes.entries()) {
    checkCount("sizes", size);
    checkCount("subsizes", subsizes[i]!);
    checkCount("starts", starts[i]!);
    if (starts[i]! + subsizes[i]! > size)
      throw new UsageError(
        `the block (${subsizes[i]} from ${starts[i]}) leaves the array in dimension ${i}, which has ${size}.`,
      );
  }
}

function checkCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw expected(name, "a whole number of 0 or more", value);
}

function checkWhole(name: string, value: number): void {
  if (!Number.isSafeInteger(value)) throw expected(name, "a whole number", value);
}
