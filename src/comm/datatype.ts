/**
 * Derived datatypes: which bytes of an array a message is made of. MPI 4.1 section 5.1. A datatype says where they lie relative to
 * an origin; `over` lays it over an array. Strides and displacements count extents of the old type, unless their name says bytes.
 */
import { expected, UsageError } from "../errors.ts";
import type { ViewName } from "../wire/typed-arrays.ts";
import { listShape, movedShape, repeatedShape, runShape, type Shape } from "./datatype-shape.ts";
import { Section, type Span } from "./section.ts";

/** A layout of bytes. Never changes; the methods make new ones. */
export class Datatype {
  /** Where the bytes are. For sections and tests. */
  readonly shape: Shape;
  /** Bytes from the origin to where it begins; may be negative. MPI_Type_get_extent. */
  readonly lowerBound: number;
  /** Bytes from one of this type to the next. MPI_Type_get_extent. */
  readonly extent: number;
  /** The array type of its elements; undefined when there are several. */
  readonly element: ViewName | undefined;

  /** Made by the basic types and the methods. */
  constructor(shape: Shape, lowerBound: number, upperBound: number, element: ViewName | undefined) {
    this.shape = shape;
    this.lowerBound = lowerBound;
    this.extent = upperBound - lowerBound;
    this.element = element;
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
   * The elements of an array that this type picks: something to send, or to receive into.
   * @throws UsageError when any of them lies outside of the array, or the array is of another type
   */
  over(array: ArrayBufferView, span: Span = {}): Section {
    return new Section(this, array, span);
  }

  /** `count` of this type, one after the other: MPI_Type_contiguous. */
  contiguous(count: number): Datatype {
    checkCount("count", count);
    return repeated(this, count, this.extent);
  }

  /** `count` blocks of `blocklength`, whose starts lie `stride` apart (it may be negative): MPI_Type_vector. */
  vector(count: number, blocklength: number, stride: number): Datatype {
    checkWhole("stride", stride);
    return this.hvector(count, blocklength, stride * this.extent);
  }

  /** The same with the stride in bytes: MPI_Type_create_hvector. */
  hvector(count: number, blocklength: number, strideBytes: number): Datatype {
    checkCount("count", count);
    checkCount("blocklength", blocklength);
    checkWhole("strideBytes", strideBytes);
    // Blocks of nothing have no place, wherever the stride puts them.
    return repeated(repeated(this, blocklength, this.extent), blocklength === 0 ? 0 : count, strideBytes);
  }

  /** Blocks at these displacements: MPI_Type_indexed. One length for all (MPI_Type_create_indexed_block) or one for each. */
  indexed(blocklengths: number | readonly number[], displacements: readonly number[]): Datatype {
    checkList("displacements", displacements);
    for (const displacement of displacements) checkWhole("displacements", displacement);
    return this.hindexed(
      blocklengths,
      displacements.map((displacement) => displacement * this.extent),
    );
  }

  /** The same with displacements in bytes: MPI_Type_create_hindexed. */
  hindexed(blocklengths: number | readonly number[], displacementsBytes: readonly number[]): Datatype {
    checkList("displacementsBytes", displacementsBytes);
    if (typeof blocklengths !== "number") checkList("blocklengths", blocklengths);
    const lengths = typeof blocklengths === "number" ? displacementsBytes.map(() => blocklengths) : blocklengths;
    if (lengths.length !== displacementsBytes.length)
      throw expected("blocklengths", `one for each of ${displacementsBytes.length} displacements`, blocklengths);
    return Datatype.struct(lengths.map((count, i) => ({ type: this, count, offsetBytes: displacementsBytes[i]! })));
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
  subarray(
    sizes: readonly number[],
    subsizes: readonly number[],
    starts: readonly number[],
    order: "C" | "F" = "C",
  ): Datatype {
    if (order !== "C" && order !== "F") throw expected("order", '"C" or "F"', order);
    checkBlock(sizes, subsizes, starts);
    const dimensions = sizes.map((_, i) => i);
    if (order === "C") dimensions.reverse();
    let block: Datatype = this;
    let stride = this.extent;
    let start = 0;
    for (const i of dimensions) {
      block = repeated(block, subsizes[i]!, stride);
      start += starts[i]! * stride;
      stride *= sizes[i]!;
    }
    return new Datatype(movedShape(block.shape, start), 0, stride, this.element);
  }

  /** The same bytes with other bounds: MPI_Type_create_resized, MPI 4.1 section 5.1.7. */
  resized(lowerBound: number, extent: number): Datatype {
    checkWhole("lowerBound", lowerBound);
    checkWhole("extent", extent);
    return new Datatype(this.shape, lowerBound, lowerBound + extent, this.element);
  }

  /**
   * Fields of several types, at their offsets: MPI_Type_create_struct. It ends with its last field: where structs follow one
   * another with padding, give the length by `resized`.
   */
  static struct(fields: readonly Field[]): Datatype {
    const parts = fields.map(({ type, offsetBytes, count = 1 }) => {
      checkCount("count", count);
      checkWhole("offsetBytes", offsetBytes);
      const block = repeated(type, count, type.extent);
      return {
        count,
        element: type.element,
        low: offsetBytes + block.lowerBound,
        high: offsetBytes + block.upperBound,
        shape: movedShape(block.shape, offsetBytes),
      };
    });
    // Fields of no elements have no place, so no bounds either.
    const real = parts.filter(({ count }) => count > 0);
    const [first = parts[0]] = real;
    const element = parts.every((part) => part.element === first?.element) ? first?.element : undefined;
    if (real.length === 0) return new Datatype(runShape(0, 0), 0, 0, element);
    return new Datatype(
      listShape(real.map(({ shape }) => shape)),
      real.reduce((low, part) => Math.min(low, part.low), Number.POSITIVE_INFINITY),
      real.reduce((high, part) => Math.max(high, part.high), Number.NEGATIVE_INFINITY),
      element,
    );
  }
}

/** A field of a struct. */
export interface Field {
  readonly type: Datatype;
  /** Bytes from the struct's origin. */
  readonly offsetBytes: number;
  /** How many of the type; default 1. */
  readonly count?: number;
}

/** The basic types. MPI_INT8_T and so on. */
export const INT8 = basic("Int8Array", 1);
export const UINT8 = basic("Uint8Array", 1);
export const INT16 = basic("Int16Array", 2);
export const UINT16 = basic("Uint16Array", 2);
export const INT32 = basic("Int32Array", 4);
export const UINT32 = basic("Uint32Array", 4);
export const FLOAT32 = basic("Float32Array", 4);
export const FLOAT64 = basic("Float64Array", 8);
export const BIGINT64 = basic("BigInt64Array", 8);
export const BIGUINT64 = basic("BigUint64Array", 8);

function basic(element: ViewName, size: number): Datatype {
  return new Datatype(runShape(0, size), 0, size, element);
}

function repeated(old: Datatype, count: number, strideBytes: number): Datatype {
  const shape = repeatedShape(old.shape, count, strideBytes);
  if (count === 0) return new Datatype(shape, 0, 0, old.element);
  const reach = (count - 1) * strideBytes;
  return new Datatype(shape, old.lowerBound + Math.min(0, reach), old.upperBound + Math.max(0, reach), old.element);
}

function checkBlock(sizes: readonly number[], subsizes: readonly number[], starts: readonly number[]): void {
  for (const [name, list] of Object.entries({ sizes, subsizes, starts })) checkList(name, list);
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

function checkList(name: string, value: unknown): void {
  if (!Array.isArray(value)) throw expected(name, "a list of numbers", value);
}

function checkCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw expected(name, "a whole number of 0 or more", value);
}

function checkWhole(name: string, value: number): void {
  if (!Number.isSafeInteger(value)) throw expected(name, "a whole number", value);
}
