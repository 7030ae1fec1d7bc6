/** The fold of all reductions but the reproducible sums of floats: parts are arrays or values, combined by the op as they come. */
import { shown, UsageError } from "../errors.ts";
import { viewNameOf } from "../wire/typed-arrays.ts";
import { copyOf, elements, emptyLike, lengthOf, placed } from "./buffers.ts";
import type { Fold } from "./fold.ts";
import type { Op } from "./ops.ts";
import { type Algorithm, type Data, isBoxed, receive } from "./steps.ts";

/** Data, and whether a combination may overwrite them. */
interface PlainPart {
  readonly data: Data;
  readonly isScratch: boolean;
}

/** One call's fold, on one rank. */
export class PlainFold implements Fold<PlainPart> {
  readonly own: PlainPart;
  readonly length: number | undefined;
  readonly byteLength: number | undefined;
  readonly width: number;
  readonly commutative: boolean;
  readonly #op: Op;
  /** An array that was used up and can receive the next part. */
  #spare: ArrayBufferView | undefined;

  constructor(data: Data, op: Op) {
    this.#op = op;
    this.own = { data, isScratch: false };
    this.length = isBoxed(data) ? undefined : lengthOf(data);
    this.byteLength = isBoxed(data) ? undefined : data.byteLength;
    this.width = op.width;
    this.commutative = op.commutative;
  }

  cut({ data, isScratch }: PlainPart, from: number, to: number): PlainPart {
    return { data: elements(data as ArrayBufferView, from, to - from), isScratch };
  }

  kept({ data }: PlainPart): PlainPart {
    return { data, isScratch: false };
  }

  combine(left: PlainPart, right: PlainPart): PlainPart {
    if (isBoxed(left.data) && isBoxed(right.data))
      return { data: { value: this.#op.combineValues(left.data.value, right.data.value) }, isScratch: true };
    if (isBoxed(left.data) || isBoxed(right.data))
      throw new UsageError(
        `${this.#op.name} got ${described(left.data)} and ${described(right.data)}: all ranks must give arrays, or all values.`,
      );
    const out = left.isScratch ? left.data : right.isScratch ? right.data : emptyLike(left.data);
    this.#op.combineArrays(left.data, right.data, out);
    if (left.isScratch && right.isScratch) this.#spare = right.data;
    return { data: out, isScratch: true };
  }

  join(pieces: readonly PlainPart[]): PlainPart {
    const views = pieces.map(({ data }) => data as ArrayBufferView);
    const whole = emptyLike(
      views[0]!,
      views.reduce((sum, view) => sum + view.byteLength, 0),
    ) as Float64Array;
    let at = 0;
    for (const view of views) {
      whole.set(view as Float64Array, at);
      at += lengthOf(view);
    }
    return { data: whole, isScratch: true };
  }

  toData({ data }: PlainPart): Data {
    return data;
  }

  fromData(data: Data): PlainPart {
    return { data, isScratch: true };
  }

  *receive(from: number, length: number | undefined): Algorithm<PlainPart> {
    return this.fromData(yield* receive(from, length === undefined ? undefined : this.room(length)));
  }

  room(length: number): ArrayBufferView | undefined {
    const { data } = this.own;
    if (isBoxed(data)) return undefined;
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined && lengthOf(spare) === length) return spare;
    return emptyLike(data, (data.byteLength / Math.max(1, lengthOf(data))) * length);
  }

  finish({ data, isScratch }: PlainPart, into?: ArrayBufferView): Data {
    if (into !== undefined || isScratch || isBoxed(data)) return placed(data, into, this.#op.name);
    return copyOf(data);
  }
}

function described(data: Data): string {
  return isBoxed(data) ? shown(data.value) : `a ${viewNameOf(data)}`;
}
