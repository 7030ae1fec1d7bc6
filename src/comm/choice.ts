/**
 * Which algorithm a collective uses, by operation and size: the one place where that is decided. docs/collectives.md has the
 * table. The choice must be the same on all ranks, so it looks only at what all of them know.
 */

/** Operations whose algorithm depends on the size. */
export type Sized = "bcast" | "reduce" | "allreduce" | "allgather" | "alltoall" | "reduceScatter" | "scan";

/** The names used in docs/collectives.md. */
export type AlgorithmName =
  | "binomial tree"
  | "pipelined chain"
  | "ordered tree"
  | "recursive doubling"
  | "reduce-scatter"
  | "Bruck"
  | "ring"
  | "bundles"
  | "pairwise"
  | "chain";

/** Sizes at which the algorithms change, in bytes. */
export interface Limits {
  /** bcast: from here on in pieces along a chain. */
  readonly bcastBytes: number;
  /** Length of such a piece. */
  readonly pieceBytes: number;
  /** reduce, allreduce and reduceScatter: from here on every rank combines its share of the array. */
  readonly reduceBytes: number;
  /** allgather: whole result; from here on by ring. */
  readonly allgatherBytes: number;
  /** gather, scatter, alltoall: from here on a block goes straight to its rank and not through the host's leader. */
  readonly directBytes: number;
  /** bcast: up to so many ranks of one host hear from their leader itself. */
  readonly starRanks: number;
  /** scan between hosts: from here on the least bytes count more than the fewest rounds. */
  readonly scanBytes: number;
}

/** The sizes used when a place says nothing else. */
export const LIMITS: Limits = {
  bcastBytes: 512 * 1024,
  pieceBytes: 128 * 1024,
  reduceBytes: 64 * 1024,
  allgatherBytes: 64 * 1024,
  directBytes: 64 * 1024,
  starRanks: 8,
  scanBytes: 64 * 1024,
};

/**
 * @param bytes of one rank's array; for allgather of the whole result, for alltoall of one block. Undefined for values, whose size
 *   nobody knows: they use the algorithms for small arrays.
 * @param ranks that take part
 */
export function chooseAlgorithm(
  operation: Sized,
  bytes: number | undefined,
  ranks: number,
  limits: Limits = LIMITS,
): AlgorithmName {
  const size = bytes ?? 0;
  switch (operation) {
    case "bcast":
      return size >= limits.bcastBytes && ranks > 2 ? "pipelined chain" : "binomial tree";
    case "reduce":
      return size >= limits.reduceBytes && ranks > 2 ? "reduce-scatter" : "ordered tree";
    case "allreduce":
      return size >= limits.reduceBytes && ranks > 1 ? "reduce-scatter" : "recursive doubling";
    case "reduceScatter":
      return size >= limits.reduceBytes ? "pairwise" : "ordered tree";
    case "allgather":
      return size >= limits.allgatherBytes ? "ring" : "Bruck";
    case "alltoall":
      return size >= limits.directBytes ? "pairwise" : "bundles";
    case "scan":
      return size >= limits.scanBytes ? "chain" : "recursive doubling";
  }
}
