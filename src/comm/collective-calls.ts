/**
 * The collective half of a communicator, in MPI's words (MPI 4.1 chapter 6; mpi4py's manners).
 * Every collective has three forms: `bcast` gives a promise, `bcastSync` blocks the thread, `ibcast` gives a request.
 * All ranks call the collectives of a communicator in the same order.
 */
import { copyOf } from "./buffers.ts";
import { startCollective } from "./collective.ts";
import type {
  AlltoallOptions,
  BcastOptions,
  CollectiveOptions,
  ExchangeOptions,
  GatherOptions,
  ReduceScatterOptions,
  ReductionOptions,
  RootedOptions,
  ScatterOptions,
} from "./collective-options.ts";
import { allgather } from "./collectives/allgather.ts";
import { alltoall } from "./collectives/alltoall.ts";
import { barrier } from "./collectives/barrier.ts";
import { bcast } from "./collectives/bcast.ts";
import { gather, scatter } from "./collectives/gather.ts";
import { allreduce, reduce } from "./collectives/reduce.ts";
import { reduceScatter } from "./collectives/reduce-scatter.ts";
import { exscan, scan } from "./collectives/scan.ts";
import type { Least } from "./device/sent-counts.ts";
import { leastToAll, leastToEach, leastToOne } from "./least.ts";
import { TAG_UPPER_BOUND } from "./matching.ts";
import { SUM, toOp } from "./ops.ts";
import { PointToPoint } from "./point-to-point.ts";
import type { Request } from "./request.ts";
import { contextOf, placeOf, type Station } from "./station.ts";
import type { Algorithm, Data, Place } from "./steps.ts";
import { landingOf, landingsOf, type ManyTargets, parcelsOf, toSend } from "./targets.ts";

/** Collectives of some ranks, apart from all others. */
export class CollectiveCalls extends PointToPoint {
  protected readonly station: Station;
  protected readonly place: Place;
  #calls = 0;

  /** @param context the first of `CONTEXTS_EACH` numbers that no other communicator of these ranks has */
  constructor(station: Station, context: number, members: readonly number[]) {
    super(station.messenger, context, members, members.indexOf(station.rank));
    this.station = station;
    this.place = placeOf(station, members);
  }

  /** Returns on no rank before all have called it. MPI_Barrier. */
  barrier(options?: CollectiveOptions): Promise<void> {
    return this.ibarrier().wait(options);
  }
  barrierSync(options?: CollectiveOptions): void {
    this.ibarrier().waitSync(options);
  }
  ibarrier(): Request<void> {
    return this.start("barrier", barrier(this.place), () => undefined);
  }

  /** The root's data on every rank. MPI_Bcast. @param data at the root; ignored elsewhere */
  bcast<T = unknown>(data?: T, options: BcastOptions = {}): Promise<T> {
    return this.ibcast(data, options).wait(options);
  }
  bcastSync<T = unknown>(data?: T, options: BcastOptions = {}): T {
    return this.ibcast(data, options).waitSync(options);
  }
  ibcast<T = unknown>(data?: T, options: BcastOptions = {}): Request<T> {
    const root = this.#root(options);
    if (this.rank === root) {
      const given = toSend(data);
      return this.start("bcast", bcast(this.place, given, root), () => data as T, leastToAll(this.place, given));
    }
    const { slot, settle } = landingOf(options.into);
    return this.start("bcast", bcast(this.place, undefined, root, slot), (given) => settle(given) as T);
  }

  /**
   * The data of every rank, at the root, by rank; undefined elsewhere. Of any kind and length on each rank. MPI_Gather, MPI_Gatherv.
   * @param data undefined at the root, with `into`: it lies there already (MPI_IN_PLACE)
   */
  gather<T = unknown>(data?: T, options: GatherOptions = {}): Promise<T[] | undefined> {
    return this.igather(data, options).wait(options);
  }
  gatherSync<T = unknown>(data?: T, options: GatherOptions = {}): T[] | undefined {
    return this.igather(data, options).waitSync(options);
  }
  igather<T = unknown>(data?: T, options: GatherOptions = {}): Request<T[] | undefined> {
    const root = this.#root(options);
    const inPlace = this.rank === root && isInPlace(data, options);
    const { slots, settle } = landingsOf(this.rank === root ? options : {}, this.size, inPlace);
    const given = inPlace ? undefined : toSend(data);
    const algorithm = gather(this.place, given, root, slots);
    return this.start("gather", algorithm, (all) => all && settle<T>(all), leastToOne(this.place, given, root));
  }

  /**
   * The root's data for this rank. MPI_Scatter, MPI_Scatterv.
   * @param parcels at the root: one for each rank, or one array that is cut; ignored elsewhere
   */
  scatter<T = unknown>(parcels?: readonly T[] | ArrayBufferView, options: ScatterOptions = {}): Promise<T> {
    return this.iscatter(parcels, options).wait(options);
  }
  scatterSync<T = unknown>(parcels?: readonly T[] | ArrayBufferView, options: ScatterOptions = {}): T {
    return this.iscatter(parcels, options).waitSync(options);
  }
  iscatter<T = unknown>(parcels?: readonly T[] | ArrayBufferView, options: ScatterOptions = {}): Request<T> {
    const root = this.#root(options);
    const all =
      this.rank === root && parcels ? parcelsOf(parcels, this.size, options.counts, options.displacements) : undefined;
    const { slot, settle } = landingOf(options.into);
    const algorithm = scatter(this.place, all, root, slot);
    return this.start("scatter", algorithm, (given) => settle(given) as T, leastToEach(this.place, all));
  }

  /**
   * The data of every rank, on every rank, by rank. MPI_Allgather, MPI_Allgatherv.
   * @param data undefined, with `into`: it lies there already (MPI_IN_PLACE)
   */
  allgather<T = unknown>(data?: T, options: ExchangeOptions = {}): Promise<T[]> {
    return this.iallgather(data, options).wait(options);
  }
  allgatherSync<T = unknown>(data?: T, options: ExchangeOptions = {}): T[] {
    return this.iallgather(data, options).waitSync(options);
  }
  iallgather<T = unknown>(data?: T, options: ExchangeOptions = {}): Request<T[]> {
    const inPlace = isInPlace(data, options);
    const { slots, settle } = landingsOf(options, this.size, inPlace);
    const { uniform } = options;
    const given = inPlace ? undefined : toSend(data);
    const algorithm = allgather(this.place, given, { slots, uniform });
    const own = inPlace ? slots?.[this.rank] : given;
    return this.start("allgather", algorithm, settle<T>, leastToAll(this.place, own));
  }

  /**
   * What each rank has for this one, by rank. MPI_Alltoall, MPI_Alltoallv; with sections MPI_Alltoallw.
   * @param parcels one for each rank, or one array that is cut; undefined, with `into`: what lies there is sent (MPI_IN_PLACE)
   */
  alltoall<T = unknown>(parcels?: readonly T[] | ArrayBufferView, options: AlltoallOptions = {}): Promise<T[]> {
    return this.ialltoall(parcels, options).wait(options);
  }
  alltoallSync<T = unknown>(parcels?: readonly T[] | ArrayBufferView, options: AlltoallOptions = {}): T[] {
    return this.ialltoall(parcels, options).waitSync(options);
  }
  ialltoall<T = unknown>(parcels?: readonly T[] | ArrayBufferView, options: AlltoallOptions = {}): Request<T[]> {
    const { uniform, sendCounts, sendDisplacements } = options;
    const inPlace = isInPlace(parcels, options);
    const { slots, settle } = landingsOf(options, this.size, inPlace);
    const outgoing = inPlace
      ? slots!.map((slot) => copyOf(slot!))
      : parcelsOf(parcels!, this.size, sendCounts, sendDisplacements);
    const algorithm = alltoall(this.place, outgoing, { slots, uniform });
    return this.start("alltoall", algorithm, settle<T>, leastToEach(this.place, outgoing));
  }

  /** All ranks' data combined, at the root; undefined elsewhere. Arrays element by element. MPI_Reduce. */
  reduce<T = unknown>(data: T, options: ReductionOptions & RootedOptions = {}): Promise<T | undefined> {
    return this.ireduce(data, options).wait(options);
  }
  reduceSync<T = unknown>(data: T, options: ReductionOptions & RootedOptions = {}): T | undefined {
    return this.ireduce(data, options).waitSync(options);
  }
  ireduce<T = unknown>(data: T, options: ReductionOptions & RootedOptions = {}): Request<T | undefined> {
    const { more, settle } = reductionOf(options);
    const own = toSend(data);
    const algorithm = reduce(this.place, own, more.op, this.#root(options), more);
    return this.start("reduce", algorithm, (given) => given && (settle(given) as T), this.#leastCombined(own));
  }

  /** All ranks' data combined, on all ranks, with the same bits on each. MPI_Allreduce. */
  allreduce<T = unknown>(data: T, options: ReductionOptions = {}): Promise<T> {
    return this.iallreduce(data, options).wait(options);
  }
  allreduceSync<T = unknown>(data: T, options: ReductionOptions = {}): T {
    return this.iallreduce(data, options).waitSync(options);
  }
  iallreduce<T = unknown>(data: T, options: ReductionOptions = {}): Request<T> {
    const { more, settle } = reductionOf(options);
    const own = toSend(data);
    const algorithm = allreduce(this.place, own, more.op, more);
    return this.start("allreduce", algorithm, (given) => settle(given) as T, this.#leastCombined(own, 2));
  }

  /** Block i of all ranks' data combined, on rank i: of an array, or of a list of one value for each rank. MPI_Reduce_scatter. */
  reduceScatter<T = unknown>(data: T, options: ReduceScatterOptions = {}): Promise<T> {
    return this.ireduceScatter(data, options).wait(options);
  }
  reduceScatterSync<T = unknown>(data: T, options: ReduceScatterOptions = {}): T {
    return this.ireduceScatter(data, options).waitSync(options);
  }
  ireduceScatter<T = unknown>(data: T, options: ReduceScatterOptions = {}): Request<T> {
    const { more, settle } = reductionOf(options);
    const own = toSend(data);
    const algorithm = reduceScatter(this.place, own, more.op, more);
    return this.start("reduceScatter", algorithm, (given) => settle(given) as T, this.#leastCombined(own));
  }

  /** The data of ranks 0 to this one combined. MPI_Scan. */
  scan<T = unknown>(data: T, options: ReductionOptions = {}): Promise<T> {
    return this.iscan(data, options).wait(options);
  }
  scanSync<T = unknown>(data: T, options: ReductionOptions = {}): T {
    return this.iscan(data, options).waitSync(options);
  }
  iscan<T = unknown>(data: T, options: ReductionOptions = {}): Request<T> {
    const { more, settle } = reductionOf(options);
    const own = toSend(data);
    const algorithm = scan(this.place, own, more.op, more);
    return this.start("scan", algorithm, (given) => settle(given) as T, this.#leastCombined(own));
  }

  /** The data of the ranks before this one combined; undefined on rank 0. MPI_Exscan. */
  exscan<T = unknown>(data: T, options: ReductionOptions = {}): Promise<T | undefined> {
    return this.iexscan(data, options).wait(options);
  }
  exscanSync<T = unknown>(data: T, options: ReductionOptions = {}): T | undefined {
    return this.iexscan(data, options).waitSync(options);
  }
  iexscan<T = unknown>(data: T, options: ReductionOptions = {}): Request<T | undefined> {
    const { more, settle } = reductionOf(options);
    const own = toSend(data);
    const algorithm = exscan(this.place, own, more.op, more);
    return this.start("exscan", algorithm, (given) => given && (settle(given) as T), this.#leastCombined(own));
  }

  /**
   * Starts a collective of all members.
   * @param least this rank's share of the least bytes that it can do with; values count by what is sent of them
   */
  protected start<Given, Result>(
    name: string,
    algorithm: Algorithm<Given>,
    give: (given: Given) => Result,
    least?: Least,
  ): Request<Result> {
    this.checkUsable();
    if (least) this.messenger.needs(least);
    const call = ++this.#calls;
    const context = this.context + contextOf.collectives;
    const channel = { context, call, tag: callTag(name, call), members: this.members };
    return startCollective(`${name} number ${call}`, this.messenger, channel, algorithm, give);
  }

  /** Of arrays of the same length on all ranks, counted once for all. */
  #leastCombined(own: Data, times = 1): Least | undefined {
    return this.rank === 0 ? leastToAll(this.place, own, times) : undefined;
  }

  #root({ root = 0 }: RootedOptions): number {
    this.checkRank("root", root);
    return root;
  }
}

/**
 * The tag of a call's messages. Different collectives have different ones, so that ranks which call them in different orders don't take
 * each other's messages for their own: they wait, and that is explained.
 */
function callTag(name: string, call: number): number {
  let kind = 0;
  for (let i = 0; i < name.length; i++) kind = (kind * 31 + name.charCodeAt(i)) % tagsPerCall;
  return (call % Math.floor(TAG_UPPER_BOUND / tagsPerCall)) * tagsPerCall + kind;
}

/** A prime that gives each name of a collective a number of its own. */
const tagsPerCall = 2039;

/** True when what a rank sends lies already where its result goes. */
function isInPlace(data: unknown, { into }: ManyTargets): boolean {
  return data === undefined && into !== undefined;
}

/** A reduction's options as its algorithm takes them. */
function reductionOf<Options extends ReductionOptions>({ op = SUM, into, ...rest }: Options) {
  const { slot, settle } = landingOf(into);
  return { more: { ...rest, op: toOp(op), into: slot }, settle };
}
