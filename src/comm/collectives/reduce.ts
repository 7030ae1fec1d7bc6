/**
 * Reduce and allreduce: MPI_Reduce, MPI_Allreduce, MPI 4.1 sections 6.9.1 and 6.9.6. First within hosts, then one contribution of
 * each host across. An op that is not commutative on hosts whose ranks are not consecutive is reduced in the order of
 * ranks without regard to hosts, since it can't be otherwise.
 */
import { elements, emptyLike } from "../buffers.ts";
import { chooseAlgorithm } from "../choice.ts";
import type { Fold } from "../fold.ts";
import { foldFor, type ReduceOptions } from "../fold-for.ts";
import { localPlaceOf, type Stand, standOf } from "../layout.ts";
import type { Op } from "../ops.ts";
import { type Algorithm, among, type Data, type Line, type Place } from "../steps.ts";
import { bcast } from "./bcast.ts";
import { allgatherRing } from "./blocks.ts";
import { allreduceDoubling, collectShares, equalCuts, reduceShares, reduceTree } from "./reduce-line.ts";

/**
 * All ranks' data combined, at the root. Its bits depend on the contributions, their length and the host map, and on nothing
 * else: not on the root, not on timing.
 *
 * @param data an array or a boxed value; the same kind and length on all ranks
 * @returns undefined on the other ranks
 */
export function* reduce(
  place: Place,
  data: Data,
  op: Op,
  root: number,
  { into, reproducible }: ReduceOptions = {},
): Algorithm<Data | undefined> {
  const fold = foldFor(data, op, reproducible);
  const stand = standOf(place, root);
  let part: unknown;
  if (isFlat(stand, fold, place)) part = yield* reduceLine(place, fold, fold.own, root, stand);
  else {
    part = yield* among(stand.local, reduceLine(stand.localLine, fold, fold.own, stand.leaderIndex, stand));
    if (part !== undefined)
      part = yield* among(stand.leaders, reduceTree(stand.hostLine, fold, part, stand.layout.hostOf[root]!));
  }
  return part === undefined ? undefined : fold.finish(part, into);
}

/** All ranks' data combined, on all ranks, with the same bits on each. */
export function* allreduce(
  place: Place,
  data: Data,
  op: Op,
  { into, reproducible }: ReduceOptions = {},
): Algorithm<Data> {
  const fold = foldFor(data, op, reproducible);
  const stand = standOf(place);
  if (isFlat(stand, fold, place)) return yield* allreduceLine(place, fold, fold.own, stand, into);
  const part = yield* among(stand.local, reduceLine(stand.localLine, fold, fold.own, stand.leaderIndex, stand));
  const result = part && (yield* among(stand.leaders, allreduceLine(stand.hostLine, fold, part, stand, into)));
  return yield* among(stand.local, bcast(localPlaceOf(stand), result as Data | undefined, 0, into));
}

/** True when there is one level only, or when the order of ranks forbids two. */
export function isFlat({ layout }: Stand, fold: Fold<unknown>, place: Place): boolean {
  const hosts = layout.members.length;
  return hosts === 1 || hosts === place.size || !(fold.commutative || layout.inOrder);
}

/** On one level: whole arrays up a tree, or shares combined by every rank and collected. */
export function* reduceLine<Part>(
  line: Line,
  fold: Fold<Part>,
  part: Part,
  root: number,
  { limits, layout }: Stand,
): Algorithm<Part | undefined> {
  // Between hosts the shares would cross twice.
  const isOneHost = layout.members.length === 1 || line.size < layout.hostOf.length;
  if (!isOneHost || chooseAlgorithm("reduce", fold.byteLength, line.size, limits) === "ordered tree")
    return yield* reduceTree(line, fold, part, root);
  const cuts = equalCuts(fold.length!, line.size, fold.width);
  return yield* collectShares(line, fold, yield* reduceShares(line, fold, part, cuts), cuts, root);
}

function* allreduceLine<Part>(
  line: Line,
  fold: Fold<Part>,
  part: Part,
  { limits }: Stand,
  into: ArrayBufferView | undefined,
): Algorithm<Data> {
  if (chooseAlgorithm("allreduce", fold.byteLength, line.size, limits) === "recursive doubling")
    return fold.finish(yield* allreduceDoubling(line, fold, part), into);
  const cuts = equalCuts(fold.length!, line.size, fold.width);
  const share = fold.finish(yield* reduceShares(line, fold, part, cuts)) as ArrayBufferView;
  return yield* shareOut(line, share, cuts, into);
}

/** Every rank's finished share on all ranks. */
function* shareOut(
  line: Line,
  share: ArrayBufferView,
  cuts: readonly number[],
  into: ArrayBufferView | undefined,
): Algorithm<ArrayBufferView> {
  const whole = into ?? emptyLike(share, cuts.at(-1)! * (share as Float64Array).BYTES_PER_ELEMENT);
  const slots = Array.from({ length: line.size }, (_, i) => elements(whole, cuts[i]!, cuts[i + 1]! - cuts[i]!));
  (slots[line.rank] as Float64Array).set(share as Float64Array);
  yield* allgatherRing(line, slots);
  return whole;
}
