/**
 * A section of an array: the elements that a datatype picks, as something to send or to receive into, packed and unpacked on the way.
 * MPI 4.1 section 5.1; what mpi4py writes as [buffer, count, datatype].
 */
import { expected, shown, UsageError } from "../errors.ts";
import { bytesOf, type ViewName, viewNameOf, viewOver } from "../wire/typed-arrays.ts";
import type { Datatype } from "./datatype.ts";
import { copyShape, repeatedShape, type Shape } from "./datatype-shape.ts";

/** Where in an array a datatype begins, and how often it follows itself by its extent. */
export interface Span {
  /** How many of the type; default 1. */
  readonly count?: number;
  /** Elements of the array before the type's origin (bytes of a DataView); default 0. */
  readonly offset?: number;
}

export class Section {
  readonly array: ArrayBufferView;
  /** Bytes of data. */
  readonly byteLength: number;
  /** As what they travel: an array of this type. */
  readonly type: ViewName;
  readonly #shape: Shape;
  readonly #base: number;

  /** @throws UsageError when any of the bytes lies outside of the array, or the array is of another type */
  constructor(datatype: Datatype, array: ArrayBufferView, { count = 1, offset = 0 }: Span) {
    const own = ArrayBuffer.isView(array) ? viewNameOf(array) : undefined;
    if (own === undefined) throw expected("array", "a typed array or DataView", array);
    if (!Number.isSafeInteger(count) || count < 0) throw expected("count", "a whole number of 0 or more", count);
    if (!Number.isSafeInteger(offset)) throw expected("offset", "a whole number", offset);
    this.array = array;
    this.type = travelType(datatype, own, array);
    this.#shape = repeatedShape(datatype.shape, count, datatype.extent);
    this.#base = offset * ((array as Uint8Array).BYTES_PER_ELEMENT ?? 1);
    this.byteLength = this.#shape.size;
    const first = this.#base + this.#shape.low;
    const end = this.#base + this.#shape.high;
    if (this.byteLength > 0 && (first < 0 || end > array.byteLength))
      throw new UsageError(
        `the datatype takes bytes ${first} to ${end - 1} of an array that has ${array.byteLength} (count ${count}, offset ${offset}).`,
      );
  }

  /** True when all of it lies in one piece, so that nothing needs packing. */
  get isOnePiece(): boolean {
    return this.#shape.kind === "run";
  }

  /** Its bytes in order: where they are when they lie in one piece, else a copy. MPI_Pack. */
  pack(): Uint8Array {
    if (this.isOnePiece)
      return bytesOf(this.array).subarray(this.#base + this.#shape.low, this.#base + this.#shape.high);
    const packed = new Uint8Array(this.byteLength);
    copyShape(this.#shape, this.array, this.#base, packed, "pack");
    return packed;
  }

  /** The same as an array, which may be a view of the elements where they are. */
  toArray(): ArrayBufferView {
    return viewOver(this.type, this.pack());
  }

  /**
   * Puts bytes where they belong; what is between stays as it is. MPI_Unpack.
   * @param packed may be fewer than the section has: then its end stays as it is
   */
  unpack(packed: Uint8Array): void {
    let whole = packed;
    if (packed.byteLength < this.byteLength) {
      whole = new Uint8Array(this.pack());
      whole.set(packed);
    }
    copyShape(this.#shape, this.array, this.#base, whole, "unpack");
  }
}

/** @throws UsageError when the datatype's elements are of another type than the array's */
function travelType({ element }: Datatype, own: ViewName, array: ArrayBufferView): ViewName {
  if (element === undefined) return "Uint8Array"; // a struct: bytes
  if (own === element || (own === "Uint8ClampedArray" && element === "Uint8Array")) return own;
  if (own === "DataView" || own === "Uint8Array") return element;
  throw new UsageError(`a datatype of ${element} elements was laid over another array: ${shown(array)}.`);
}
