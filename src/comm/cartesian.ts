/** Cartesian topologies: MPI 4.1 section 8.5. Pure arithmetic; ranks are numbered row by row (the last coordinate runs fastest). */
import { expected, UsageError } from "../errors.ts";
import type { Neighbors } from "./collectives/neighbors.ts";
import { PROC_NULL } from "./matching.ts";

/**
 * Shares ranks out over dimensions as evenly as possible: MPI_Dims_create, MPI 4.1 section 8.5.2.
 *
 * @param dims how many dimensions; or a list in which 0 stands for one that is to be chosen
 * @returns the sizes; those chosen do not increase
 * @throws UsageError when the given sizes don't divide the ranks.
 */
export function dimsCreate(ranks: number, dims: number | readonly number[]): number[] {
  if (!isPositive(ranks)) throw expected("ranks", "a whole number of 1 or more", ranks);
  const given = typeof dims === "number" ? new Array<number>(dims).fill(0) : dims;
  for (const dim of given) if (dim !== 0 && !isPositive(dim)) throw expected("dims", "whole numbers of 0 or more", dim);
  const fixed = given.reduce((product, dim) => product * (dim || 1), 1);
  const free = given.filter((dim) => dim === 0).length;
  if (ranks % fixed !== 0 || (free === 0 && fixed !== ranks))
    throw new UsageError(`${ranks} ranks can't be shared out over dimensions of ${given.join(" × ")}.`);
  const chosen = evenFactors(ranks / fixed, free);
  return given.map((dim) => dim || chosen.shift()!);
}

/** `count` factors of `product`, the largest as small as possible, then the second, and so on; not increasing. */
function evenFactors(product: number, count: number): number[] {
  if (count <= 1) return count === 0 ? [] : [product];
  // The largest factor is at least the root; the first one from there up that leaves factors no larger than itself is it.
  for (let first = Math.max(1, Math.floor(product ** (1 / count) - 1e-9)); first < product; first++) {
    if (product % first !== 0) continue;
    const rest = evenFactors(product / first, count - 1);
    if (rest[0]! <= first) return [first, ...rest];
  }
  return [product, ...new Array<number>(count - 1).fill(1)];
}

/** The ranks that a shift moves data between; `PROC_NULL` beyond an edge. */
export interface Shift {
  /** Whose data come here. */
  readonly source: number;
  /** Where this rank's data go. */
  readonly destination: number;
}

/** What `sub` gives a rank. */
export interface SubGrid {
  /** The same for ranks of the same slice; a colour for `splitByColour`. */
  readonly colour: number;
  /** This rank in its slice. */
  readonly rank: number;
  readonly grid: Cartesian;
}

/** A grid of ranks. */
export class Cartesian {
  readonly dims: readonly number[];
  /** For each dimension, whether its ends are neighbors. */
  readonly periods: readonly boolean[];

  /**
   * @param dims sizes, each 1 or more; their product is the number of ranks (none: one rank)
   * @param periods one for all dimensions, or one for each; default false
   */
  constructor(dims: readonly number[], periods: boolean | readonly boolean[] = false) {
    for (const dim of dims) if (!isPositive(dim)) throw expected("dims", "whole numbers of 1 or more", dim);
    const each = typeof periods === "boolean" ? dims.map(() => periods) : periods;
    if (each.length !== dims.length) throw expected("periods", `one for each of ${dims.length} dimensions`, periods);
    this.dims = Object.freeze([...dims]);
    this.periods = Object.freeze([...each]);
  }

  /** How many ranks the grid has. */
  get size(): number {
    return this.dims.reduce((product, dim) => product * dim, 1);
  }

  /** Where a rank is: MPI_Cart_coords. */
  coords(rank: number): number[] {
    if (!Number.isSafeInteger(rank) || rank < 0 || rank >= this.size)
      throw expected("rank", `a rank of the grid, 0 to ${this.size - 1}`, rank);
    let rest = rank;
    return this.dims
      .toReversed()
      .map((dim) => {
        const coordinate = rest % dim;
        rest = (rest - coordinate) / dim;
        return coordinate;
      })
      .reverse();
  }

  /**
   * Which rank is there: MPI_Cart_rank. Coordinates of periodic dimensions are taken round.
   * @throws UsageError for coordinates outside of another dimension.
   */
  rank(coords: readonly number[]): number {
    if (coords.length !== this.dims.length)
      throw expected("coords", `one for each of ${this.dims.length} dimensions`, coords);
    const rank = this.#rankOrNull(coords);
    if (rank === PROC_NULL)
      throw new UsageError(`[${coords.join(", ")}] lies outside of the grid of ${this.dims.join(" × ")}.`);
    return rank;
  }

  /** Source and destination of moving data by `displacement` along a dimension: MPI_Cart_shift, MPI 4.1 section 8.5.6. */
  shift(rank: number, dimension: number, displacement: number): Shift {
    if (!(dimension in this.dims)) throw expected("dimension", `0 to ${this.dims.length - 1}`, dimension);
    if (!Number.isSafeInteger(displacement)) throw expected("displacement", "a whole number", displacement);
    const at = (by: number) => this.#rankOrNull(this.coords(rank).map((c, i) => (i === dimension ? c + by : c)));
    return { source: at(-displacement), destination: at(displacement) };
  }

  /** The slice in which a rank is when some dimensions are kept: MPI_Cart_sub, MPI 4.1 section 8.5.7. */
  sub(rank: number, keep: readonly boolean[]): SubGrid {
    if (keep.length !== this.dims.length)
      throw expected("keep", `one for each of ${this.dims.length} dimensions`, keep);
    const only = <Item>(list: readonly Item[], wanted: boolean) => list.filter((_, i) => keep[i] === wanted);
    const coords = this.coords(rank);
    const grid = new Cartesian(only(this.dims, true), only(this.periods, true));
    const slices = new Cartesian(only(this.dims, false));
    return { colour: slices.rank(only(coords, false)), rank: grid.rank(only(coords, true)), grid };
  }

  /**
   * The neighbors of neighbor collectives: for each dimension the one below, then the one above; MPI 4.1 section 8.6.
   * What a rank sends upwards comes in from below at the other, also where both are the same rank.
   */
  neighbors(rank: number): Neighbors {
    const ranks = this.dims.flatMap((_, dimension) => {
      const { source, destination } = this.shift(rank, dimension, 1);
      return [source, destination];
    });
    // A neighbor's first message along a dimension is the one it sent downwards: it comes from above.
    return { sources: ranks, destinations: ranks, order: ranks.map((_, i) => i ^ 1) };
  }

  /** As `rank`, `PROC_NULL` outside. */
  #rankOrNull(coords: readonly number[]): number {
    let rank = 0;
    for (const [i, dim] of this.dims.entries()) {
      const coordinate = coords[i]!;
      if (!this.periods[i] && (coordinate < 0 || coordinate >= dim)) return PROC_NULL;
      rank = rank * dim + (((coordinate % dim) + dim) % dim);
    }
    return rank;
  }
}

function isPositive(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
