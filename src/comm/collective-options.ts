/** What the collectives can be told. */
import type { Op } from "./ops.ts";
import type { ManyTargets, Target } from "./targets.ts";

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

/** A broadcast. */
export interface BcastOptions extends RootedOptions {
  /** Where the array is put, on the other ranks. */
  readonly into?: Target;
}

/** A gather: where the arrays are put matters at the root only. */
export interface GatherOptions extends RootedOptions, ManyTargets {}

/** A scatter: what is cut matters at the root only. */
export interface ScatterOptions extends RootedOptions {
  /** Where this rank's array is put. */
  readonly into?: Target;
  /** Of one buffer that is scattered: the elements for each rank. Default: equal shares. */
  readonly counts?: readonly number[];
  /** Where each share begins, in elements. Default: one after the other. */
  readonly displacements?: readonly number[];
}

/** A collective in which every rank gets something of every rank. */
export interface ExchangeOptions extends CollectiveOptions, ManyTargets {
  /** True, on all ranks, when all arrays are of one type and length: needs fewer copies and messages. Default false. */
  readonly uniform?: boolean;
}

/** An all-to-all; `counts` and `displacements` are those of `into`. */
export interface AlltoallOptions extends ExchangeOptions {
  /** Of one buffer that is sent: the elements for each rank. Default: equal shares. */
  readonly sendCounts?: readonly number[];
  /** Where each share begins, in elements. Default: one after the other. */
  readonly sendDisplacements?: readonly number[];
}

/** An op (`SUM`, `MIN`, …) or a function of two operands, which counts as not commutative. */
export type OpLike = Op | ((left: never, right: never) => unknown);

/** A reduction. */
export interface ReductionOptions extends CollectiveOptions {
  /** Default `SUM`. */
  readonly op?: OpLike;
  /** Where a resulting array is put; may be the array that is sent (MPI_IN_PLACE). */
  readonly into?: Target;
  /** Sums of floats as exact sums, rounded once: the same bits on any number of ranks. Default false: the same bits for the same ranks. */
  readonly reproducible?: boolean;
}

/** A reduce-scatter. */
export interface ReduceScatterOptions extends ReductionOptions {
  /** Elements of each rank's block, the same on all ranks. Default: equal blocks. */
  readonly counts?: readonly number[];
}
