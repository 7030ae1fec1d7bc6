/**
 * The communicator: what the ranks of a job say to each other, in MPI's words (MPI 4.1 chapters 3, 6, 7 and 8; mpi4py's manners).
 * Its messages are in `PointToPoint`, its collectives in `CollectiveCalls`, what is made from it in `GroupCalls` and `WindowCalls`; here are topologies. The
 * three forms of each call (`dup`, `dupSync`, `idup`) are those of all.
 */
import { expected, UsageError } from "../errors.ts";
import { gathered } from "./agreement.ts";
import { Cartesian, type Shift } from "./cartesian.ts";
import type { CollectiveOptions } from "./collective-options.ts";
import { type Neighbors, neighborAllgather, neighborAlltoall } from "./collectives/neighbors.ts";
import { checkAdjacent, type Edge, neighborsInGraph } from "./graph.ts";
import { placeInGrid } from "./grid-placement.ts";
import type { Make } from "./group-calls.ts";
import { leastToEach } from "./least.ts";
import type { Request } from "./request.ts";
import type { Station } from "./station.ts";
import { landingsOf, type ManyTargets, parcelsOf, toSend } from "./targets.ts";
import { WindowCalls } from "./window-calls.ts";

/** Ranks that talk to each other, apart from all other communicators. */
export class Communicator extends WindowCalls {
  /**
   * The first ranks of this communicator as a grid, numbered row by row (the last coordinate runs fastest). MPI_Cart_create.
   *
   * @param dims sizes, each 1 or more; see `dimsCreate`
   * @param periods for each dimension, or for all, whether its ends are neighbors; default false
   * @param options `reorder: true` lets a rank have another number in the grid than here, so that fewer neighbors are on different
   *   hosts; default false
   * @returns undefined on ranks beyond the grid
   * @throws UsageError when the grid has more ranks than there are
   */
  cart(dims: readonly number[], periods?: Periods, options: CartOptions = {}): Promise<CartOrNot> {
    return this.icart(dims, periods, options).wait(options);
  }
  cartSync(dims: readonly number[], periods?: Periods, options: CartOptions = {}): CartOrNot {
    return this.icart(dims, periods, options).waitSync(options);
  }
  icart(dims: readonly number[], periods?: Periods, { reorder = false }: CartOptions = {}): Request<CartOrNot> {
    const grid = new Cartesian(dims, periods);
    if (typeof reorder !== "boolean") throw expected("reorder", "true or false", reorder);
    if (grid.size > this.size)
      throw new UsageError(`a grid of ${dims.join(" × ")} needs ${grid.size} ranks; there are ${this.size}.`);
    const members = this.members.slice(0, grid.size);
    const placed = reorder ? placeInGrid(grid, this.place.hosts.slice(0, grid.size)) : [...members.keys()];
    return this.makeOf(
      "cart",
      placed.map((rank) => members[rank]!),
      this.gridOf(grid),
    );
  }

  /**
   * The same ranks with the edges of a graph between them; each rank may name any edges. MPI_Dist_graph_create.
   * The neighbors of a rank are in the order of who named the edge, and then of the naming.
   */
  distGraph(edges: readonly Edge[], options?: CollectiveOptions): Promise<GraphCommunicator> {
    return this.idistGraph(edges).wait(options);
  }
  distGraphSync(edges: readonly Edge[], options?: CollectiveOptions): GraphCommunicator {
    return this.idistGraph(edges).waitSync(options);
  }
  idistGraph(edges: readonly Edge[]): Request<GraphCommunicator> {
    return this.#graph<readonly Edge[]>("distGraph", edges, (all) =>
      neighborsInGraph(all.flat(), this.rank, this.size),
    );
  }

  /** The same, where each rank names its own neighbors. MPI_Dist_graph_create_adjacent. @throws UsageError when two ranks disagree */
  distGraphAdjacent(
    sources: readonly number[],
    destinations: readonly number[],
    options?: CollectiveOptions,
  ): Promise<GraphCommunicator> {
    return this.idistGraphAdjacent(sources, destinations).wait(options);
  }
  distGraphAdjacentSync(
    sources: readonly number[],
    destinations: readonly number[],
    options?: CollectiveOptions,
  ): GraphCommunicator {
    return this.idistGraphAdjacent(sources, destinations).waitSync(options);
  }
  idistGraphAdjacent(sources: readonly number[], destinations: readonly number[]): Request<GraphCommunicator> {
    return this.#graph<Neighbors>("distGraphAdjacent", { sources, destinations }, (all) => {
      checkAdjacent(all);
      return all[this.rank]!;
    });
  }

  protected gridOf(grid: Cartesian): Make<CartesianCommunicator> {
    return (context, members) => new CartesianCommunicator(this.station, context, members, grid);
  }

  #graph<Named>(
    name: string,
    named: Named,
    neighborsOf: (all: readonly Named[]) => Neighbors,
  ): Request<GraphCommunicator> {
    const context = this.station.contexts.take();
    return this.start(name, gathered(this.place, { named, context }), (all) => {
      const neighbors = neighborsOf(all.map((each) => each.named));
      return new GraphCommunicator(this.station, all[0]!.context, this.members, neighbors);
    });
  }

  protected copied(context: number): Communicator {
    return this.other(context, this.members);
  }

  protected other(context: number, members: readonly number[]): Communicator {
    return new Communicator(this.station, context, members);
  }
}

/** What the making of a grid can be told. */
export interface CartOptions extends CollectiveOptions {
  /** True: ranks are numbered anew where that keeps neighbors on their hosts. Default false. */
  readonly reorder?: boolean;
}

/** Undefined on ranks beyond the grid. */
type CartOrNot = CartesianCommunicator | undefined;
type Periods = boolean | readonly boolean[];

/** A communicator whose ranks have neighbors; `Neighbors` says who. MPI 4.1 section 8.6. */
abstract class TopologyCommunicator extends Communicator {
  /** Whom this rank receives from and whom it sends to, in the order of the neighbor collectives. MPI_Dist_graph_neighbors. */
  abstract get neighbors(): Neighbors;

  /** Every neighbor gets this rank's data. Gives what the sources sent; undefined for nobody. MPI_Neighbor_allgather(v). */
  neighborAllgather<T = unknown>(data: T, options: NeighborOptions = {}): Promise<(T | undefined)[]> {
    return this.ineighborAllgather(data, options).wait(options);
  }
  neighborAllgatherSync<T = unknown>(data: T, options: NeighborOptions = {}): (T | undefined)[] {
    return this.ineighborAllgather(data, options).waitSync(options);
  }
  ineighborAllgather<T = unknown>(data: T, options: NeighborOptions = {}): Request<(T | undefined)[]> {
    const { slots, settle } = landingsOf(options, this.neighbors.sources.length);
    const own = toSend(data);
    const { destinations } = this.neighbors;
    const algorithm = neighborAllgather(this.place, this.neighbors, own, slots);
    const parcels = destinations.map(() => own);
    const least = leastToEach(this.place, parcels, destinations);
    return this.start("neighborAllgather", algorithm, settle<T | undefined>, least);
  }

  /** The i-th destination gets `parcels[i]`. Gives what the sources sent; undefined for nobody. MPI_Neighbor_alltoall(v). */
  neighborAlltoall<T = unknown>(
    parcels: readonly T[] | ArrayBufferView,
    options: NeighborAlltoallOptions = {},
  ): Promise<(T | undefined)[]> {
    return this.ineighborAlltoall(parcels, options).wait(options);
  }
  neighborAlltoallSync<T = unknown>(
    parcels: readonly T[] | ArrayBufferView,
    options: NeighborAlltoallOptions = {},
  ): (T | undefined)[] {
    return this.ineighborAlltoall(parcels, options).waitSync(options);
  }
  ineighborAlltoall<T = unknown>(
    parcels: readonly T[] | ArrayBufferView,
    options: NeighborAlltoallOptions = {},
  ): Request<(T | undefined)[]> {
    const { sources, destinations } = this.neighbors;
    const { slots, settle } = landingsOf(options, sources.length);
    const outgoing = parcelsOf(parcels, destinations.length, options.sendCounts, options.sendDisplacements);
    const algorithm = neighborAlltoall(this.place, this.neighbors, outgoing, slots);
    const least = leastToEach(this.place, outgoing, destinations);
    return this.start("neighborAlltoall", algorithm, settle<T | undefined>, least);
  }
}

/** A neighbor collective: where the sources' arrays are put, in their order. */
export interface NeighborOptions extends CollectiveOptions, ManyTargets {}

/** `counts` and `displacements` are those of `into`. */
export interface NeighborAlltoallOptions extends NeighborOptions {
  /** Of one buffer that is sent: the elements for each destination. Default: equal shares. */
  readonly sendCounts?: readonly number[];
  /** Where each share begins, in elements. Default: one after the other. */
  readonly sendDisplacements?: readonly number[];
}

/** A grid of ranks. MPI 4.1 section 8.5. */
export class CartesianCommunicator extends TopologyCommunicator {
  readonly grid: Cartesian;

  constructor(station: Station, context: number, members: readonly number[], grid: Cartesian) {
    super(station, context, members);
    this.grid = grid;
  }

  get dims(): readonly number[] {
    return this.grid.dims;
  }

  get periods(): readonly boolean[] {
    return this.grid.periods;
  }

  /** For each dimension the rank below, then the one above; `PROC_NULL` beyond an edge. */
  get neighbors(): Neighbors {
    return this.grid.neighbors(this.rank);
  }

  /** Where a rank is; default: this one. MPI_Cart_coords. */
  coords(rank = this.rank): number[] {
    return this.grid.coords(rank);
  }

  /** Which rank is there; periodic dimensions go round. MPI_Cart_rank. @throws UsageError for coordinates outside of the grid */
  rankOf(coords: readonly number[]): number {
    return this.grid.rank(coords);
  }

  /** Whose data come here and where this rank's go when data move by `displacement`. MPI_Cart_shift. */
  shift(dimension: number, displacement = 1): Shift {
    return this.grid.shift(this.rank, dimension, displacement);
  }

  /** The slice of the grid in which this rank is when only some dimensions are kept. MPI_Cart_sub. */
  sub(keep: readonly boolean[], options?: CollectiveOptions): Promise<CartesianCommunicator> {
    return this.isub(keep).wait(options);
  }
  subSync(keep: readonly boolean[], options?: CollectiveOptions): CartesianCommunicator {
    return this.isub(keep).waitSync(options);
  }
  isub(keep: readonly boolean[]): Request<CartesianCommunicator> {
    const { colour, rank, grid } = this.grid.sub(this.rank, keep);
    return this.splitInto("sub", colour, rank, this.gridOf(grid)) as Request<CartesianCommunicator>;
  }

  protected override copied(context: number): Communicator {
    return new CartesianCommunicator(this.station, context, this.members, this.grid);
  }
}

/** Ranks with the edges of a graph between them. MPI 4.1 section 8.5.4. */
export class GraphCommunicator extends TopologyCommunicator {
  readonly neighbors: Neighbors;

  constructor(station: Station, context: number, members: readonly number[], neighbors: Neighbors) {
    super(station, context, members);
    this.neighbors = neighbors;
  }

  protected override copied(context: number): Communicator {
    return new GraphCommunicator(this.station, context, this.members, this.neighbors);
  }
}
