/** Typed arrays of every type with awkward contents, and the ops over their elements by definition (in BigInt and doubles). */
import type { TypedArray } from "../../src/wire/typed-arrays.ts";

export type Typed = TypedArray;
export type TypedConstructor = {
  new (length: number): Typed;
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
};

export const arrayTypes: readonly TypedConstructor[] = [
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
] as unknown as readonly TypedConstructor[];

/** A generator of numbers from 0 to 2^32 − 1 (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

const SPECIAL = [0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 1.7e308];

/** Random bits for integers; for floats numbers of very different sizes and, every fifth, a special one. */
export function randomArray(Type: TypedConstructor, length: number, seed: number): Typed {
  const next = numbers(seed);
  const array = new Type(length);
  const floating = Type.name.startsWith("Float");
  for (let i = 0; i < length; i++) {
    const bits = next();
    if (floating)
      (array as Float64Array)[i] =
        bits % 5 === 0 ? SPECIAL[next() % SPECIAL.length]! : (next() / 2 ** 31 - 1) * 2 ** ((bits % 60) - 30);
    else if (Type.name.startsWith("Big"))
      (array as BigInt64Array)[i] = bits % 4 === 0 ? BigInt(bits % 3) : (BigInt(bits) << 32n) | BigInt(next());
    else (array as Int32Array)[i] = bits % 4 === 0 ? bits % 3 : bits & 0xff_ffff_ff;
  }
  return array;
}

/** The same for pairs of value and index: every second element is a small whole number. */
export function randomOperand(
  op: { readonly width: number },
  Type: TypedConstructor,
  groups: number,
  seed: number,
): Typed {
  const array = randomArray(Type, groups * op.width, seed);
  if (op.width !== 2) return array;
  const next = numbers(seed + 1);
  for (let i = 1; i < array.length; i += 2) (array as Float64Array)[i] = convert(Type, next() % 50) as number;
  return array;
}

/** A whole number as an element of such an array. */
export function convert(Type: { readonly name: string }, whole: number): number | bigint {
  return Type.name.startsWith("Big") ? BigInt(whole) : whole;
}

export function isDefinedFor(op: string, Type: { readonly name: string }): boolean {
  return !(Type.name.startsWith("Float") && /^[LB](AND|OR|XOR)$/.test(op));
}

/** left ∘ right for each element, on a wide road of its own: integers by BigInt, stored as the type stores. */
export function combineElements(op: string, left: Typed, right: Typed): Typed {
  const out = left.slice() as Typed;
  if (op.endsWith("LOC")) {
    for (let i = 0; i < out.length; i += 2) {
      const pair = [left, right].map(
        (array) => [Number(array[i]), Number(array[i + 1]), array[i], array[i + 1]] as const,
      );
      pair.sort((x, y) => rank(op, x[0], y[0]) || x[1] - y[1]);
      (out as Float64Array)[i] = pair[0]![2] as number;
      (out as Float64Array)[i + 1] = pair[0]![3] as number;
    }
    return out;
  }
  for (let i = 0; i < out.length; i++)
    (out as Float64Array)[i] = combineElement(op, left, left[i]!, right[i]!) as number;
  return out;
}

function rank(op: string, x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(y)) - Number(Number.isNaN(x));
  if (x === y) return 0;
  return x < y === (op === "MINLOC") ? -1 : 1;
}

function combineElement(op: string, type: Typed, x: number | bigint, y: number | bigint): number | bigint {
  if (typeof x === "number" && type.constructor.name.startsWith("Float")) return ofFloats[op]!(x, y as number);
  const wide = ofIntegers[op]!(BigInt(x), BigInt(y));
  if (typeof x === "bigint") return wide;
  return type.constructor.name === "Uint8ClampedArray" ? Number(wide) : Number(BigInt.asIntN(32, wide));
}

const ofFloats: Record<string, (x: number, y: number) => number> = {
  SUM: (x, y) => x + y,
  PROD: (x, y) => x * y,
  MIN: Math.min,
  MAX: Math.max,
};

const ofIntegers: Record<string, (x: bigint, y: bigint) => bigint> = {
  SUM: (x, y) => x + y,
  PROD: (x, y) => x * y,
  MIN: (x, y) => (x - y < 0n ? x : y),
  MAX: (x, y) => (x - y > 0n ? x : y),
  LAND: (x, y) => BigInt(Boolean(x) && Boolean(y)),
  LOR: (x, y) => BigInt(Boolean(x) || Boolean(y)),
  LXOR: (x, y) => BigInt(Boolean(x) !== Boolean(y)),
  BAND: (x, y) => x & y,
  BOR: (x, y) => x | y,
  BXOR: (x, y) => x ^ y,
};
