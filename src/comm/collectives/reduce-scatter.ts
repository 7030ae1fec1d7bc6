/**
 * Reduce-scatter: MPI_Reduce_scatter_block and MPI_Reduce_scatter, MPI 4.1 section 6.10. First within hosts, then each host
 * gets one contribution of each other host, of its own ranks' blocks only: (hosts − 1) × bytes in all.
 */
import { expected, UsageError } from "../../errors.ts";
import { bundle, unbundle } from "../bundle.ts";
import { chooseAlgorithm } from "../choice.ts";
import type { Fold } from "../fold.ts";
import { foldFor, type ReduceOptions } from "../fold-for.ts";
import { localPlaceOf, type Stand, standOf } from "../layout.ts";
import type { Op } from "../ops.ts";
import { type Algorithm, among, type Data, fromData, isBoxed, type Place, toData } from "../steps.ts";
import { alltoall } from "./alltoall.ts";
import { exchangeAll } from "./blocks.ts";
import { scatter } from "./gather.ts";
import { isFlat, reduceLine } from "./reduce.ts";
import { reduceShares, reduceTree } from "./reduce-line.ts";

/** What reduceScatter may be told. */
export interface ReduceScatterOptions extends ReduceOptions {
  /** Elements of each rank's block, the same on all ranks; default: equal blocks (MPI_Reduce_scatter_block). */
  readonly counts?: readonly number[] | undefined;
}

/**
 * Block i of all ranks' data combined, on rank i.
 *
 * @param data an array, cut by `counts`; or a boxed list of one value for each rank
 */
export function* reduceScatter(
  place: Place,
  data: Data,
  op: Op,
  { into, reproducible, counts }: ReduceScatterOptions = {},
): Algorithm<Data> {
  if (isBoxed(data)) return yield* ofValues(place, data.value, op, reproducible);
  const fold = foldFor(data, op, reproducible);
  const cuts = cutsOf(fold, place.size, counts);
  const stand = standOf(place);
  if (!isFlat(stand, fold, place)) return yield* byHosts(stand, fold, cuts, into);
  const isTree = chooseAlgorithm("reduceScatter", fold.byteLength, place.size, stand.limits) === "ordered tree";
  // Between hosts the shares alone are less than the whole.
  if (!isTree || stand.leaders.length > 1) return fold.finish(yield* reduceShares(place, fold, fold.own, cuts), into);
  const whole = yield* reduceTree(place, fold, fold.own, 0);
  const blocks =
    whole === undefined
      ? undefined
      : stand.local.map((rank) => fold.finish(fold.cut(whole, cuts[rank]!, cuts[rank + 1]!)));
  return yield* scatter(place, blocks, 0, into);
}

function* byHosts<Part>(
  stand: Stand,
  fold: Fold<Part>,
  cuts: readonly number[],
  into: ArrayBufferView | undefined,
): Algorithm<Data> {
  const { local, localLine, leaderIndex, layout } = stand;
  const whole = yield* among(local, reduceLine(localLine, fold, fold.own, leaderIndex, stand));
  const blocks =
    whole === undefined
      ? undefined
      : yield* among(stand.leaders, exchangeBlocks(stand, fold, layout.members, whole, cuts));
  return yield* among(local, scatter(localPlaceOf(stand), blocks, 0, into));
}

/** Between leaders: the finished blocks of this host's ranks. */
function* exchangeBlocks<Part>(
  { host, hostLine }: Stand,
  fold: Fold<Part>,
  members: readonly (readonly number[])[],
  whole: Part,
  cuts: readonly number[],
): Algorithm<Data[]> {
  const blocksOf = (of: number) => members[of]!.map((rank) => fold.cut(whole, cuts[rank]!, cuts[rank + 1]!));
  const given = yield* exchangeAll(hostLine, (to) => bundle(blocksOf(to).map((part) => fold.toData(part))));
  const parts = given.map((each, from) =>
    from === host ? blocksOf(host) : unbundle(each).map((data) => fold.fromData(data!)),
  );
  return members[host]!.map((_, i) =>
    fold.finish(parts.map((ofHost) => ofHost[i] as Part).reduce((left, right) => fold.combine(left, right))),
  );
}

/** Values: each rank gets all that is for it and combines it, in the order of ranks. */
function* ofValues(place: Place, list: unknown, op: Op, reproducible: boolean | undefined): Algorithm<Data> {
  if (!Array.isArray(list) || list.length !== place.size)
    throw expected("data", `an array, or a list of one value for each of ${place.size} ranks`, list);
  const items = yield* alltoall(place, list.map(toData));
  const folds = items.map((item) => foldFor(item, op, reproducible));
  const [fold] = folds;
  const whole = folds.map(({ own }) => own).reduce((left, right) => fold!.combine(left, right));
  return { value: fromData(fold!.finish(whole)) };
}

function cutsOf(fold: Fold<unknown>, ranks: number, counts: readonly number[] | undefined): number[] {
  const length = fold.length!;
  if (counts === undefined && length % (ranks * fold.width) !== 0)
    throw new UsageError(`reduceScatter: ${length} elements can't be shared equally by ${ranks} ranks; give counts.`);
  const each = counts ?? new Array<number>(ranks).fill(length / ranks);
  if (each.length !== ranks) throw expected("counts", `one for each of ${ranks} ranks`, each);
  const cuts = [0];
  for (const count of each) {
    if (!Number.isSafeInteger(count) || count < 0 || count % fold.width !== 0)
      throw expected("counts", `whole multiples of ${fold.width}`, count);
    cuts.push(cuts.at(-1)! + count);
  }
  if (cuts.at(-1) !== length)
    throw new UsageError(`reduceScatter: counts are for ${cuts.at(-1)} elements, the array has ${length}.`);
  return cuts;
}
