/**
 * The fold of reproducible sums. A part keeps the ranks' own contributions as long as they are few, and above that packed
 * exact sums, which take about 16 bytes an element; it is rounded once, when it is finished.
 */
import { UsageError } from "../errors.ts";
import { elements, emptyLike, lengthOf } from "./buffers.ts";
import { bundle, unbundle } from "./bundle.ts";
import { ExactSum } from "./exact-sum.ts";
import type { Fold } from "./fold.ts";
import { cutPacked, joinPacked, type PackedSums, packedFrom, packedViews, SumsPacker } from "./packed-sums.ts";
import { type Algorithm, type Data, isBoxed, receive } from "./steps.ts";

/** Contributions of ranks, and sums of others. All have the same length. */
interface ExactPart {
  readonly length: number;
  readonly raws: readonly Float64Array[];
  readonly packed: readonly PackedSums[];
}

/** From this many contributions on they are packed: three doubles are longer than a packed sum. */
const RAWS_TO_PACK = 3;

/** One call's fold, on one rank. */
export class ExactFold implements Fold<ExactPart> {
  readonly own: ExactPart;
  readonly length: number | undefined;
  readonly byteLength: number | undefined;
  readonly width = 1;
  readonly commutative = true;
  readonly #like: ArrayBufferView | undefined;

  /** @param data an array of floats, or a boxed number */
  constructor(data: Data) {
    this.#like = isBoxed(data) ? undefined : data;
    const own = isBoxed(data) ? Float64Array.of(data.value as number) : (data as Float64Array);
    this.own = { length: own.length, raws: [own], packed: [] };
    this.length = this.#like && own.length;
    this.byteLength = this.#like?.byteLength;
  }

  cut({ raws, packed }: ExactPart, from: number, to: number): ExactPart {
    return {
      length: to - from,
      raws: raws.map((raw) => elements(raw, from, to - from) as Float64Array),
      packed: packed.map((each) => cutPacked(each, from, to)),
    };
  }

  kept(part: ExactPart): ExactPart {
    return part;
  }

  combine(left: ExactPart, right: ExactPart): ExactPart {
    if (left.length !== right.length)
      throw new UsageError(
        `SUM needs arrays of the same type and length on all ranks, got ${left.length} and ${right.length} elements.`,
      );
    const raws = [...left.raws, ...right.raws];
    const packed = [...left.packed, ...right.packed];
    const both = { length: left.length, raws, packed };
    return raws.length >= RAWS_TO_PACK || packed.length > 1 ? pack(both) : both;
  }

  join(pieces: readonly ExactPart[]): ExactPart {
    const packed = joinPacked(pieces.map((piece) => pack(piece).packed[0]!));
    return { length: pieces.reduce((sum, piece) => sum + piece.length, 0), raws: [], packed: [packed] };
  }

  toData({ raws, packed }: ExactPart): Data {
    return bundle([Float64Array.of(raws.length), ...raws, ...packed.flatMap(packedViews)]);
  }

  fromData(data: Data): ExactPart {
    const views = isBoxed(data) ? [] : (unbundle(data) as ArrayBufferView[]);
    const count = (views[0] as Float64Array | undefined)?.[0];
    if (count === undefined) throw new UsageError("SUM: all ranks must ask for a reproducible sum, or none.");
    const raws = views.slice(1, 1 + count) as Float64Array[];
    const packed: PackedSums[] = [];
    for (let i = 1 + count; i < views.length; i += 2) packed.push(packedFrom(views[i]!, views[i + 1]!));
    return { length: raws[0]?.length ?? packed[0]!.length, raws, packed };
  }

  *receive(from: number): Algorithm<ExactPart> {
    return this.fromData(yield* receive(from));
  }

  room(): undefined {
    return undefined;
  }

  finish(part: ExactPart, into?: ArrayBufferView): Data {
    const like = this.#like;
    if (like === undefined) return { value: sumsOf(part, new Float64Array(1))[0] };
    const target = (into ?? emptyLike(like, (like as Float64Array).BYTES_PER_ELEMENT * part.length)) as Float64Array;
    if (lengthOf(target) !== part.length)
      throw new UsageError(`SUM: ${part.length} elements came for a buffer of ${target.length}.`);
    return sumsOf(part, target);
  }
}

/** The sum of each element. `target` may be one of the contributions. */
function sumsOf(part: ExactPart, target: Float64Array): Float64Array {
  const isSingle = target.BYTES_PER_ELEMENT === 4;
  eachSum(part, (sum, i) => {
    target[i] = isSingle ? sum.toSingle() : sum.toDouble();
  });
  return target;
}

function pack(part: ExactPart): ExactPart {
  if (part.raws.length === 0 && part.packed.length === 1) return part;
  const packer = new SumsPacker(part.length);
  eachSum(part, (sum) => packer.push(sum));
  return { length: part.length, raws: [], packed: [packer.finish()] };
}

/** Calls `use` with the sum of each element, in order; the sum is only good for that moment. */
function eachSum({ length, raws, packed }: ExactPart, use: (sum: ExactSum, index: number) => void): void {
  const sum = new ExactSum();
  const at = packed.map(() => 0);
  for (let i = 0; i < length; i++) {
    sum.clear();
    for (const raw of raws) sum.add(raw[i]!);
    for (const [k, { table, digits }] of packed.entries()) {
      sum.load(table[3 * i]!, table[3 * i + 1]!, digits, at[k]!, table[3 * i + 2]!);
      at[k]! += table[3 * i + 2]!;
    }
    use(sum, i);
  }
}
