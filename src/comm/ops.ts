/**
 * What reductions combine with: the predefined ops of MPI 4.1 section 6.9.2 and a user's own. An op says what two operands
 * give; in which order the operands of many ranks meet is the collectives' matter.
 */
import { expected, shown, UsageError } from "../errors.ts";
import { loopFor, type OpName } from "./op-loops.ts";
import { valueOps } from "./op-values.ts";

/** A function of two operands, of which the left one comes from the lower ranks. It must be associative. */
export interface Op {
  readonly name: string;
  /** True when left and right may be exchanged. Else operands are combined in the order of ranks. */
  readonly commutative: boolean;
  /** How many neighbouring elements of an array belong together; arrays are only cut at multiples of it. */
  readonly width: number;
  /** True when the result can't depend on how the operands are grouped, whatever array they come in. */
  readonly exact: boolean;
  /** out[i] = left[i] ∘ right[i] for arrays of one type and length; `out` may be one of the two. */
  combineArrays(left: ArrayBufferView, right: ArrayBufferView, out: ArrayBufferView): void;
  combineValues(left: unknown, right: unknown): unknown;
  /** @throws UsageError when the op means nothing for such an array. */
  checkArray(array: ArrayBufferView): void;
}

/** Sums. Integers wrap as their array type does; sums of floats depend on the grouping (see `reproducible`). */
export const SUM: Op = predefined("SUM", { exact: false });
/** Products; integers wrap. */
export const PROD: Op = predefined("PROD", { exact: false });
/** The least. NaN wins, −0 is less than 0, as with Math.min. Also of strings. */
export const MIN: Op = predefined("MIN");
/** The greatest. NaN wins, 0 is greater than −0, as with Math.max. Also of strings. */
export const MAX: Op = predefined("MAX");
/**
 * The least value and where it is: of pairs `{ value, index }`, or of arrays with value and index side by side
 * (v₀, i₀, v₁, i₁, …). Of equal values the lowest index. NaN wins. MPI 4.1 section 6.9.4.
 */
export const MINLOC: Op = predefined("MINLOC", { width: 2 });
/** The greatest value and where it is; as `MINLOC`. */
export const MAXLOC: Op = predefined("MAXLOC", { width: 2 });
/** Logical and: arrays of integers give 0 and 1, values give booleans. Not for arrays of floats. */
export const LAND: Op = predefined("LAND");
/** Logical or; as `LAND`. */
export const LOR: Op = predefined("LOR");
/** Logical exclusive or; as `LAND`. */
export const LXOR: Op = predefined("LXOR");
/** Bitwise and of integers, bigints, booleans. Not for floats. */
export const BAND: Op = predefined("BAND");
/** Bitwise or; as `BAND`. */
export const BOR: Op = predefined("BOR");
/** Bitwise exclusive or; as `BAND`. */
export const BXOR: Op = predefined("BXOR");

/** All predefined ops. */
export const predefinedOps: readonly Op[] = [SUM, PROD, MIN, MAX, MINLOC, MAXLOC, LAND, LOR, LXOR, BAND, BOR, BXOR];

/** What `defineOp` may be told. */
export interface OpOptions {
  /** For error texts. Default: the function's name. */
  readonly name?: string;
  /** Default false: the operands meet in the order of ranks. */
  readonly commutative?: boolean;
  /** How many neighbouring elements belong together, 1 or more. Default 1. Above 1 `combineArrays` must be given. */
  readonly width?: number;
  /** left ∘ right of whole arrays into `out`, which is one of the two. Default: `combine` for every element. */
  readonly combineArrays?: (left: ArrayBufferView, right: ArrayBufferView, out: ArrayBufferView) => void;
}

/**
 * An op of one's own: MPI_Op_create, MPI 4.1 section 6.9.5.
 *
 * @param combine gives left ∘ right, of two values or of two elements of arrays. It must be associative, and the same on all ranks.
 */
export function defineOp(combine: (left: never, right: never) => unknown, options: OpOptions = {}): Op {
  if (typeof combine !== "function") throw expected("combine", "a function of two operands", combine);
  const { name = combine.name || "(anonymous op)", commutative = false, width = 1 } = options;
  if (!Number.isSafeInteger(width) || width < 1) throw expected("width", "a whole number of 1 or more", width);
  if (width > 1 && options.combineArrays === undefined)
    throw new UsageError(`"width" ${width} needs combineArrays, for ${name} sees one element at a time.`);
  const combineValues = combine as (left: unknown, right: unknown) => unknown;
  const combineArrays = options.combineArrays ?? elementwise(name, combineValues);
  return checked({ name, commutative, width, exact: false, combineValues, combineArrays, checkArray: refuseDataView });
}

/** The op for what a user gave: an op, or a function, which counts as not commutative. */
export function toOp(op: Op | ((left: never, right: never) => unknown)): Op {
  if (typeof op === "function") return defineOp(op);
  if (typeof op !== "object" || op === null || typeof op.combineArrays !== "function")
    throw expected("op", "an op (SUM, MIN, …) or a function of two operands", op);
  return op;
}

/**
 * inout[i] = input[i] ∘ inout[i] on this rank alone: MPI_Reduce_local, MPI 4.1 section 6.9.7.
 * `input` is the left operand, as there.
 */
export function reduceLocal(op: Op, input: ArrayBufferView, inout: ArrayBufferView): void {
  toOp(op).checkArray(inout);
  op.combineArrays(input, inout, inout);
}

function predefined(name: OpName, { width = 1, exact = true } = {}): Op {
  return checked({
    name,
    commutative: true,
    width,
    exact,
    combineValues: valueOps[name],
    combineArrays: (left, right, out) => loopFor(name, out)!(left, right, out),
    checkArray(array) {
      if (loopFor(name, array) === undefined) throw new UsageError(`${name} can't combine ${shown(array)}.`);
    },
  });
}

/** The op with its arrays' lengths and types looked at first: a loop over unequal arrays would give nonsense. */
function checked(op: Op): Op {
  return Object.freeze({
    ...op,
    combineArrays(left: ArrayBufferView, right: ArrayBufferView, out: ArrayBufferView) {
      op.checkArray(out);
      if (left.byteLength !== out.byteLength || right.byteLength !== out.byteLength || !alike(left, right))
        throw new UsageError(
          `${op.name} needs arrays of the same type and length on all ranks, got ${described(left)} and ${described(right)}.`,
        );
      op.combineArrays(left, right, out);
    },
    checkArray(array: ArrayBufferView) {
      op.checkArray(array);
      if ((array as Uint8Array).length % op.width !== 0)
        throw new UsageError(`${op.name} combines groups of ${op.width} elements, got ${described(array)}.`);
    },
  });
}

function elementwise(name: string, combine: (left: unknown, right: unknown) => unknown): Op["combineArrays"] {
  return (left, right, out) => {
    const [x, y, target] = [left, right, out] as Float64Array[];
    for (let i = 0; i < target!.length; i++) {
      const result = combine(x![i], y![i]);
      if (typeof result !== typeof x![i])
        throw new UsageError(`${name} must give a ${typeof x![i]} for every two elements, gave ${shown(result)}.`);
      target![i] = result as number;
    }
  };
}

function refuseDataView(array: ArrayBufferView): void {
  if (!("length" in array)) throw new UsageError("ops combine typed arrays; a DataView has no elements.");
}

function alike(left: ArrayBufferView, right: ArrayBufferView): boolean {
  return Object.prototype.toString.call(left) === Object.prototype.toString.call(right);
}

function described(array: ArrayBufferView): string {
  return `${shown(array)} of ${(array as Uint8Array).length}`;
}
