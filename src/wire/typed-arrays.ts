/**
 * The array types that travel as raw frames, and how a view is made again on the other side.
 * Types are told apart by their tag and not by `instanceof`, so that arrays of another realm are recognised too.
 */
const constructors = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
} as const;

/** A typed array whose elements are bigints. */
export type BigIntArray = BigInt64Array | BigUint64Array;

/** A typed array whose elements are numbers. */
export type NumberArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

export type TypedArray = NumberArray | BigIntArray;

/** The name of an array type that can travel. */
export type ViewName = keyof typeof constructors;

/** All of them, in the order of their numbers on the wire. */
export const viewNames = Object.keys(constructors) as readonly ViewName[];

/** The getter that all typed arrays have: it looks at what an array is, in whatever realm, and costs less than its text. */
const nameOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!;

const names: ReadonlySet<string> = new Set(viewNames);

/** `"Float64Array"` and the like for a typed array or DataView that can travel, undefined for anything else. */
export function viewNameOf(value: ArrayBufferView): ViewName | undefined {
  const name = nameOf.call(value) ?? (ArrayBuffer.isView(value) ? "DataView" : undefined);
  return isViewName(name) ? name : undefined;
}

/** Bytes of one element; 1 for a DataView. */
export function elementBytes(name: ViewName): number {
  return (constructors[name] as Float64ArrayConstructor).BYTES_PER_ELEMENT ?? 1;
}

/** True when the memory of a view was transferred: there is nothing left in it, which is not the same as an empty one. */
export function isDetached({ buffer }: ArrayBufferView): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer); // `buffer.detached` is newer than Node 20
    return false;
  } catch {
    return true;
  }
}

/** The bytes of a view, not copied: the view itself when it is one of bytes (and no Buffer, whose methods differ). */
export function bytesOf(view: ArrayBufferView): Uint8Array {
  if (Object.getPrototypeOf(view) === Uint8Array.prototype) return view as Uint8Array;
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** True when `name` is one that `viewOver` knows. */
export function isViewName(name: unknown): name is ViewName {
  return typeof name === "string" && names.has(name);
}

/**
 * A view of type `name` over `bytes`; copies only when the bytes do not lie where the element size needs them.
 * @throws RangeError when the byte length is no multiple of the element size.
 */
export function viewOver(name: ViewName, bytes: Uint8Array): ArrayBufferView {
  // Their signatures differ only in the buffers that they accept; one of them stands for all.
  const View = constructors[name] as Float64ArrayConstructor;
  const size = elementBytes(name);
  if (bytes.byteLength % size !== 0)
    throw new RangeError(`${bytes.byteLength} bytes are no whole number of ${name} elements`);
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes); // not slice(): a Buffer's copies nothing
  return new View(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / size);
}
