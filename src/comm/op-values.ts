/** The predefined ops over values that are no typed arrays: numbers, bigints, booleans, strings, and pairs { value, index }. */
import { shown, UsageError } from "../errors.ts";
import type { OpName } from "./op-loops.ts";

/** What MINLOC and MAXLOC combine: a value and where it is, usually a rank. MPI 4.1 section 6.9.4. */
interface Located {
  readonly value: number | bigint;
  readonly index: number;
}

type Combine = (left: unknown, right: unknown) => unknown;

const numeric = ["number", "bigint"];
const ordered = ["number", "bigint", "string"];
const bits = ["number", "bigint", "boolean"];

/** left ∘ right of each predefined op; each throws `UsageError` for what it can't combine. */
export const valueOps: Record<OpName, Combine> = {
  SUM: ofSame<number>("SUM", numeric, (x, y) => x + y),
  PROD: ofSame<number>("PROD", numeric, (x, y) => x * y),
  MIN: ofSame<number>("MIN", ordered, (x, y) => extreme(x, y, Math.min, x <= y)),
  MAX: ofSame<number>("MAX", ordered, (x, y) => extreme(x, y, Math.max, x >= y)),
  MINLOC: (x, y) => located("MINLOC", x, y, (p, q) => p < q),
  MAXLOC: (x, y) => located("MAXLOC", x, y, (p, q) => p > q),
  LAND: (x, y) => Boolean(x) && Boolean(y),
  LOR: (x, y) => Boolean(x) || Boolean(y),
  LXOR: (x, y) => Boolean(x) !== Boolean(y),
  BAND: (x, y) => bitwise("BAND", x, y, (p, q) => p & q),
  BOR: (x, y) => bitwise("BOR", x, y, (p, q) => p | q),
  BXOR: (x, y) => bitwise("BXOR", x, y, (p, q) => p ^ q),
};

/** Numbers by Math.min and Math.max, which know NaN and −0; the rest as it compares. */
function extreme(x: unknown, y: unknown, ofNumbers: (x: number, y: number) => number, isLeft: boolean): unknown {
  if (typeof x === "number") return ofNumbers(x, y as number);
  return isLeft ? x : y;
}

/** The types are looked at first; `T` stands for any of them, since the operators read the same for all. */
function ofSame<T>(op: OpName, types: readonly string[], combine: (x: T, y: T) => unknown): Combine {
  return (x, y) => {
    same(op, types, x, y);
    return combine(x as T, y as T);
  };
}

/** @throws UsageError unless both are of the same type, which is one of these. */
function same(op: OpName, types: readonly string[], x: unknown, y: unknown): void {
  if (typeof x !== typeof y || !types.includes(typeof x))
    throw new UsageError(
      `${op} combines two values of the same type (${types.join(", ")}) or typed arrays, got ${shown(x)} and ${shown(y)}; give a function for anything else.`,
    );
}

/** Of equal values the lower index wins; NaN wins over numbers. */
function located(op: OpName, x: unknown, y: unknown, isBetter: (p: number, q: number) => boolean): Located {
  if (!isLocated(x) || !isLocated(y))
    throw new UsageError(`${op} combines pairs { value, index }, got ${shown(x)} and ${shown(y)}.`);
  same(op, numeric, x.value, y.value);
  const [p, q] = [x.value as number, y.value as number];
  const lower = x.index <= y.index;
  if (Number.isNaN(p) || Number.isNaN(q)) return Number.isNaN(p) && (!Number.isNaN(q) || lower) ? x : y;
  return isBetter(p, q) || (p === q && lower) ? x : y;
}

function isLocated(value: unknown): value is Located {
  return typeof value === "object" && value !== null && "value" in value && "index" in value;
}

/** Whole numbers as if they had endless binary digits: JavaScript's own operators would cut them to 32 bits. */
function bitwise(op: OpName, x: unknown, y: unknown, combine: (p: bigint, q: bigint) => bigint): unknown {
  same(op, bits, x, y);
  if (typeof x === "bigint") return combine(x, y as bigint);
  if (typeof x === "boolean") return combine(BigInt(x), BigInt(y as boolean)) !== 0n;
  if (!Number.isSafeInteger(x) || !Number.isSafeInteger(y))
    throw new UsageError(`${op} combines whole numbers of at most 53 bits, got ${shown(x)} and ${shown(y)}.`);
  return Number(combine(BigInt(x as number), BigInt(y as number)));
}
