/**
 * The collective half of a communicator, in MPI's words (MPI 4.1 chapter 6; mpi4py's manners).
 * Every collective has three forms: `bcast` gives a promise, `bcastSync` blocks the thread, `ibcast` gives a request.
 * All ranks call the collectives of a communicator in the same order.
 */
import { startCollective } from "./collective.ts";
import { allgather } from "./collectives/allgather.ts";
import { alltoall } from "./collectives/alltoall.ts";
import { barrier } from "./collectives/barrier.ts";
import { bcast } from "./collectives/bcast.ts";
import { gather, scatter } from "./collectives/gather.ts";
import { allreduce, reduce } from "./collectives/reduce.ts";
import { reduceScatter } from "./collectives/reduce-scatter.ts";
import { exscan, scan } from "./collectives/scan.ts";
import { TAG_UPPER_BOUND } from "./matching.ts";
import { type Op, SUM, toOp } from "./ops.ts";
import { PointToPoint } from "./point-to-point.ts";
import type { Request } from "./request.ts";
import { contextOf, placeOf, type Station } from "./station.ts";
import { type Algorithm, type Data, fromData, type Place, toData } from "./steps.ts";

/** What every collective can be told. */
export interface CollectiveOptions {
  /** Default: no limit. */
  readonly timeoutMs?: number;
}

/** A collective that has a root. */
export interface RootedOptions extends CollectiveOptions {
  /** Default 0. */
  readonly root?: number;
}

/** An op (`SUM`, `MIN`, …) or a function of two operands, which counts as not commutative. */
export type OpLike = Op | ((left: never, right: never) => unknown);

/** A reduction. */
export interface ReductionOptions extends CollectiveOptions {
  /** Default `SUM`. */
  readonly op?: OpLike;
  /** Where a resulting array is put; may be the array that is sent. */
  readonly into?: ArrayBufferView;
  /** Sums of floats as exact sums, rounded once: the same bits on any number of ranks. Default false: the same bits for the same ranks. */
  readonly reproducible?: boolean;
}

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
  bcast<T = unknown>(data?: T, options: RootedOptions = {}): Promise<T> {
    return this.ibcast(data, options).wait(options);
  }
  bcastSync<T = unknown>(data?: T, options: RootedOptions = {}): T {
    return this.ibcast(data, options).waitSync(options);
  }
  ibcast<T = unknown>(data?: T, options: RootedOptions = {}): Request<T> {
    const root = this.#root(options);
    const own = this.rank === root ? toData(data) : undefined;
    return this.start("bcast", bcast(this.place, own, root), (given) => fromData(given) as T);
  }

  /** The data of every rank, at the root, by rank; undefined elsewhere. Of any kind and length on each rank. MPI_Gather, MPI_Gatherv. */
  gather<T = unknown>(data: T, options: RootedOptions = {}): Promise<T[] | undefined> {
    return this.igather(data, options).wait(options);
  }
  gatherSync<T = unknown>(data: T, options: RootedOptions = {}): T[] | undefined {
    return this.igather(data, options).waitSync(options);
  }
  igather<T = unknown>(data: T, options: RootedOptions = {}): Request<T[] | undefined> {
    const algorithm = gather(this.place, toData(data), this.#root(options));
    return this.start("gather", algorithm, (all) => all && listOf<T>(all));
  }

  /** The root's data for this rank. MPI_Scatter, MPI_Scatterv. @param parcels at the root: one for each rank; ignored elsewhere */
  scatter<T = unknown>(parcels?: readonly T[], options: RootedOptions = {}): Promise<T> {
    return this.iscatter(parcels, options).wait(options);
  }
  scatterSync<T = unknown>(parcels?: readonly T[], options: RootedOptions = {}): T {
    return this.iscatter(parcels, options).waitSync(options);
  }
  iscatter<T = unknown>(parcels?: readonly T[], options: RootedOptions = {}): Request<T> {
    const algorithm = scatter(this.place, parcels?.map(toData), this.#root(options));
    return this.start("scatter", algorithm, (given) => fromData(given) as T);
  }

  /** The data of every rank, on every rank, by rank. MPI_Allgather, MPI_Allgatherv. */
  allgather<T = unknown>(data: T, options: CollectiveOptions = {}): Promise<T[]> {
    return this.iallgather(data).wait(options);
  }
  allgatherSync<T = unknown>(data: T, options: CollectiveOptions = {}): T[] {
    return this.iallgather(data).waitSync(options);
  }
  iallgather<T = unknown>(data: T): Request<T[]> {
    return this.start("allgather", allgather(this.place, toData(data)), listOf<T>);
  }

  /** What each rank has for this one, by rank. MPI_Alltoall, MPI_Alltoallv. @param parcels one for each rank */
  alltoall<T = unknown>(parcels: readonly T[], options: CollectiveOptions = {}): Promise<T[]> {
    return this.ialltoall(parcels).wait(options);
  }
  alltoallSync<T = unknown>(parcels: readonly T[], options: CollectiveOptions = {}): T[] {
    return this.ialltoall(parcels).waitSync(options);
  }
  ialltoall<T = unknown>(parcels: readonly T[]): Request<T[]> {
    return this.start("alltoall", alltoall(this.place, parcels.map(toData)), listOf<T>);
  }

  /** All ranks' data combined, at the root; undefined elsewhere. Arrays element by element. MPI_Reduce. */
  reduce<T = unknown>(data: T, options: ReductionOptions & RootedOptions = {}): Promise<T | undefined> {
    return this.ireduce(data, options).wait(options);
  }
  reduceSync<T = unknown>(data: T, options: ReductionOptions & RootedOptions = {}): T | undefined {
    return this.ireduce(data, options).waitSync(options);
  }
  ireduce<T = unknown>(data: T, options: ReductionOptions & RootedOptions = {}): Request<T | undefined> {
    const { op = SUM, ...more } = options;
    return this.start(
      "reduce",
      reduce(this.place, toData(data), toOp(op), this.#root(options), more),
      (given) => given && (fromData(given) as T),
    );
  }

  /** All ranks' data combined, on all ranks, with the same bits on each. MPI_Allreduce. */
  allreduce<T = unknown>(data: T, options: ReductionOptions = {}): Promise<T> {
    return this.iallreduce(data, options).wait(options);
  }
  allreduceSync<T = unknown>(data: T, options: ReductionOptions = {}): T {
    return this.iallreduce(data, options).waitSync(options);
  }
  iallreduce<T = unknown>(data: T, options: ReductionOptions = {}): Request<T> {
    const { op = SUM, ...more } = options;
    return this.start(
      "allreduce",
      allreduce(this.place, toData(data), toOp(op), more),
      (given) => fromData(given) as T,
    );
  }

  /** Block i of all ranks' data combined, on rank i: of an array, or of a list of one value for each rank. MPI_Reduce_scatter. */
  reduceScatter<T = unknown>(
    data: T,
    options: ReductionOptions & { readonly counts?: readonly number[] } = {},
  ): Promise<T> {
    return this.ireduceScatter(data, options).wait(options);
  }
  reduceScatterSync<T = unknown>(data: T, options: ReductionOptions & { readonly counts?: readonly number[] } = {}): T {
    return this.ireduceScatter(data, options).waitSync(options);
  }
  ireduceScatter<T = unknown>(
    data: T,
    options: ReductionOptions & { readonly counts?: readonly number[] } = {},
  ): Request<T> {
    const { op = SUM, ...more } = options;
    return this.start(
      "reduceScatter",
      reduceScatter(this.place, toData(data), toOp(op), more),
      (given) => fromData(given) as T,
    );
  }

  /** The data of ranks 0 to this one combined. MPI_Scan. */
  scan<T = unknown>(data: T, options: ReductionOptions = {}): Promise<T> {
    return this.iscan(data, options).wait(options);
  }
  scanSync<T = unknown>(data: T, options: ReductionOptions = {}): T {
    return this.iscan(data, options).waitSync(options);
  }
  iscan<T = unknown>(data: T, options: ReductionOptions = {}): Request<T> {
    const { op = SUM, ...more } = options;
    return this.start("scan", scan(this.place, toData(data), toOp(op), more), (given) => fromData(given) as T);
  }

  /** The data of the ranks before this one combined; undefined on rank 0. MPI_Exscan. */
  exscan<T = unknown>(data: T, options: ReductionOptions = {}): Promise<T | undefined> {
    return this.iexscan(data, options).wait(options);
  }
  exscanSync<T = unknown>(data: T, options: ReductionOptions = {}): T | undefined {
    return this.iexscan(data, options).waitSync(options);
  }
  iexscan<T = unknown>(data: T, options: ReductionOptions = {}): Request<T | undefined> {
    const { op = SUM, ...more } = options;
    return this.start(
      "exscan",
      exscan(this.place, toData(data), toOp(op), more),
      (given) => given && (fromData(given) as T),
    );
  }

  /** Starts a collective of all members. */
  protected start<Given, Result>(
    name: string,
    algorithm: Algorithm<Given>,
    give: (given: Given) => Result,
  ): Request<Result> {
    this.checkUsable();
    const tag = this.#calls++ % TAG_UPPER_BOUND;
    const channel = { context: this.context + contextOf.collectives, tag, members: this.members };
    return startCollective(`${name} number ${tag}`, this.messenger, channel, algorithm, give);
  }

  #root({ root = 0 }: RootedOptions): number {
    this.checkRank("root", root);
    return root;
  }
}

function listOf<T>(all: readonly Data[]): T[] {
  return all.map((data) => fromData(data) as T);
}
