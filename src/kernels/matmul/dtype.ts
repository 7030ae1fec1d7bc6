/**
 * Element types: their names (numpy's), their typed arrays, and the type that a product of two matrices has.
 * Only tables and pure functions; knows nothing of matrices.
 */
import type { BigIntArray, NumberArray, TypedArray } from "../../wire/typed-arrays.ts";

export type { BigIntArray, NumberArray, TypedArray };

/** An element type, by numpy's name. */
export type DType =
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float32"
  | "float64";

interface DTypeFacts {
  readonly kind: "int" | "uint" | "float";
  readonly bytes: 1 | 2 | 4 | 8;
  /** The name of its typed array, as `Symbol.toStringTag` has it. */
  readonly tag: string;
  readonly make: (length: number) => TypedArray;
  readonly over: (buffer: ArrayBuffer) => TypedArray;
}

const facts: Readonly<Record<DType, DTypeFacts>> = {
  int8: entry("int", 1, Int8Array),
  uint8: entry("uint", 1, Uint8Array),
  int16: entry("int", 2, Int16Array),
  uint16: entry("uint", 2, Uint16Array),
  int32: entry("int", 4, Int32Array),
  uint32: entry("uint", 4, Uint32Array),
  int64: entry("int", 8, BigInt64Array),
  uint64: entry("uint", 8, BigUint64Array),
  float32: entry("float", 4, Float32Array),
  float64: entry("float", 8, Float64Array),
};

type ArrayClass = { readonly name: string; new (length: number): TypedArray; new (buffer: ArrayBuffer): TypedArray };

function entry(kind: DTypeFacts["kind"], bytes: DTypeFacts["bytes"], Class: ArrayClass): DTypeFacts {
  return { kind, bytes, tag: Class.name, make: (length) => new Class(length), over: (buffer) => new Class(buffer) };
}

const byTag = new Map<string, DType>([
  ...Object.entries(facts).map(([name, { tag }]) => [tag, name as DType] as const),
  ["Uint8ClampedArray", "uint8"],
]);

/** All element types, in numpy's order of widening within a kind. */
export const dtypes = Object.keys(facts) as readonly DType[];

/** The element type of a typed array (also one of another realm); undefined for anything else. A clamped array is uint8. */
export function dtypeOf(data: unknown): DType | undefined {
  return ArrayBuffer.isView(data) ? byTag.get(Object.prototype.toString.call(data).slice(8, -1)) : undefined;
}

/** True when `name` is the name of an element type. */
export function isDType(name: unknown): name is DType {
  return typeof name === "string" && Object.hasOwn(facts, name);
}

/** A new typed array of zeros. */
export function zeros(dtype: DType, length: number): TypedArray {
  return facts[dtype].make(length);
}

/** A typed array over all of `buffer`, whose length must be a multiple of the element's. */
export function typedOver(dtype: DType, buffer: ArrayBuffer): TypedArray {
  return facts[dtype].over(buffer);
}

/** Bytes per element. */
export function bytesPerElement(dtype: DType): number {
  return facts[dtype].bytes;
}

/** Whether elements are signed integers, unsigned integers or floating point. */
export function kindOf(dtype: DType): "int" | "uint" | "float" {
  return facts[dtype].kind;
}

/** The name of the typed array that holds `dtype`, such as "Int16Array". */
export function arrayNameOf(dtype: DType): string {
  return facts[dtype].tag;
}

/** The smallest and largest value of an integer type. */
export function integerRange(dtype: DType): { readonly min: bigint; readonly max: bigint } {
  const bits = BigInt(8 * facts[dtype].bytes);
  if (facts[dtype].kind === "uint") return { min: 0n, max: (1n << bits) - 1n };
  return { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n };
}

/**
 * The smallest type to which both can be cast safely: `numpy.result_type` of two dtypes (NEP 50 keeps it as it was).
 * A float32 holds integers of up to 16 bits; wider ones ask for float64. Signed with unsigned asks for the next
 * wider signed type, and for float64 where none is left (int64 with uint64: beyond 2^53 that rounds, as in numpy).
 */
export function resultType(a: DType, b: DType): DType {
  const [x, y] = [facts[a], facts[b]];
  if (x.kind === "float" || y.kind === "float") return fitsFloat32(x) && fitsFloat32(y) ? "float32" : "float64";
  if (x.kind === y.kind) return x.bytes >= y.bytes ? a : b;
  const [signed, unsigned] = x.kind === "int" ? [x, y] : [y, x];
  const bytes = signed.bytes > unsigned.bytes ? signed.bytes : 2 * unsigned.bytes;
  return bytes > 8 ? "float64" : (`int${8 * bytes}` as DType);
}

function fitsFloat32({ kind, bytes }: DTypeFacts): boolean {
  return kind === "float" ? bytes === 4 : bytes <= 2;
}
