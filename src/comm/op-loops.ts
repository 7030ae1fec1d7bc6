/**
 * The predefined ops over typed arrays, element by element. Each pair of op and array type has a loop of its own, made
 * at its first use: one loop shared by more than four array types runs 25 times slower in V8, since it loses its type.
 */
import { type ViewName, viewNameOf } from "../wire/typed-arrays.ts";

/** The names of the predefined ops, as in MPI 4.1 section 6.9.2. */
export type OpName =
  | "SUM"
  | "PROD"
  | "MIN"
  | "MAX"
  | "MINLOC"
  | "MAXLOC"
  | "LAND"
  | "LOR"
  | "LXOR"
  | "BAND"
  | "BOR"
  | "BXOR";

/** out[i] = left[i] ∘ right[i]; `out` may be one of the two. */
export type Loop = (left: ArrayBufferView, right: ArrayBufferView, out: ArrayBufferView) => void;

/** Kinds of elements that share an expression; int32 apart, since its products don't fit into a double. */
type Kind = "float" | "int" | "int32" | "big";

const kindOf: Record<ViewName, Kind | undefined> = {
  Int8Array: "int",
  Uint8Array: "int",
  Uint8ClampedArray: "int",
  Int16Array: "int",
  Uint16Array: "int",
  Int32Array: "int32",
  Uint32Array: "int32",
  Float32Array: "float",
  Float64Array: "float",
  BigInt64Array: "big",
  BigUint64Array: "big",
  DataView: undefined,
};

/** What x ∘ y is, as JavaScript. A kind that is missing has no such op (MPI 4.1 section 6.9.2). */
const expressions: Record<Exclude<OpName, "MINLOC" | "MAXLOC">, Partial<Record<Kind, string>>> = {
  SUM: { float: "x + y", int: "x + y", int32: "x + y", big: "x + y" },
  PROD: { float: "x * y", int: "x * y", int32: "Math.imul(x, y)", big: "x * y" },
  MIN: { float: "Math.min(x, y)", ...whole("x < y ? x : y"), big: "x < y ? x : y" },
  MAX: { float: "Math.max(x, y)", ...whole("x > y ? x : y"), big: "x > y ? x : y" },
  LAND: { ...whole("x !== 0 && y !== 0 ? 1 : 0"), big: "x !== 0n && y !== 0n ? 1n : 0n" },
  LOR: { ...whole("x !== 0 || y !== 0 ? 1 : 0"), big: "x !== 0n || y !== 0n ? 1n : 0n" },
  LXOR: { ...whole("(x !== 0) !== (y !== 0) ? 1 : 0"), big: "(x !== 0n) !== (y !== 0n) ? 1n : 0n" },
  BAND: { ...whole("x & y"), big: "x & y" },
  BOR: { ...whole("x | y"), big: "x | y" },
  BXOR: { ...whole("x ^ y"), big: "x ^ y" },
};

function whole(expression: string): Partial<Record<Kind, string>> {
  return { int: expression, int32: expression };
}

const made = new Map<string, Loop>();

/** The loop of an op over arrays of this one's type, undefined where the op means nothing for it. */
export function loopFor(op: OpName, array: ArrayBufferView): Loop | undefined {
  const type = viewNameOf(array);
  if (type === undefined) return undefined;
  const key = `${op} ${type}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const body = bodyOf(op, kindOf[type]);
  if (body === undefined) return undefined;
  const loop = new Function("left", "right", "out", `// ${key}\n${body}`) as Loop;
  made.set(key, loop);
  return loop;
}

/** True for arrays of floating-point numbers, whose sums depend on the order of the terms. */
export function isFloating(array: ArrayBufferView): boolean {
  const type = viewNameOf(array);
  return type !== undefined && kindOf[type] === "float";
}

function bodyOf(op: OpName, kind: Kind | undefined): string | undefined {
  if (kind === undefined) return undefined;
  if (op === "MINLOC" || op === "MAXLOC") return pairLoop(op === "MINLOC" ? "<" : ">");
  const expression = expressions[op][kind];
  return (
    expression && `for (let i = 0; i < out.length; i++) { const x = left[i], y = right[i]; out[i] = ${expression}; }`
  );
}

/** Value and index side by side. Of equal values the lower index wins, NaN wins over numbers; −0 and 0 are equal. */
function pairLoop(better: "<" | ">"): string {
  return `for (let i = 0; i < out.length; i += 2) {
    const x = left[i], y = right[i], p = left[i + 1], q = right[i + 1];
    const lower = p <= q;
    const isLeft = x !== x ? y === y || lower : y === y && (x ${better} y || (x === y && lower));
    out[i] = isLeft ? x : y;
    out[i + 1] = isLeft ? p : q;
  }`;
}
