/**
 * The communicator: what the ranks of a job say to each other, in MPI's words (MPI 4.1 chapters 3, 6, 7 and 8; mpi4py's manners).
 * Here: communicators made from communicators, and topologies. `Communicator` inherits its messages from `PointToPoint` and its
 * collectives from `CollectiveCalls`; the three forms of each call (`dup`, `dupSync`, `idup`) are theirs.
 */
import { expected, UsageError } from "../errors.ts";
import { Cartesian, type Shift } from "./cartesian.ts";
import { startCollective } from "./collective.ts";
import { CollectiveCalls } from "./collective-calls.ts";
import type { CollectiveOptions } from "./collective-options.ts";
import { allgather } from "./collectives/allgather.ts";
import { barrier } from "./collectives/barrier.ts";
import { bcast } from "./collectives/bcast.ts";
import { type Neighbors, neighborAllgather, neighborAlltoall } from "./collectives/neighbors.ts";
import { checkAdjacent, type Edge, neighborsInGraph } from "./graph.ts";
import { type Comparison, Group } from "./group.ts";
import type { Request } from "./request.ts";
import { splitByColour } from "./split.ts";
import { contextOf, placeOf, type Station } from "./station.ts";
import { type Algorithm, fromData, type Place } from "./steps.ts";
import { landingsOf, type ManyTargets, parcelsOf, toSend } from "./targets.ts";

/** How two communicators relate: the same one; the same ranks in the same order; in another order; or neither. MPI_Comm_compare. */
export type CommComparison = "identical" | "congruent" | "similar" | "unequal";

/** Makes a communicator of these ranks of the job. */
type Make<Made> = (station: Station, context: number, members: readonly number[]) => Made;

const plain: Make<Communicator> = (station, context, members) => new Communicator(station, context, members);

/** Ranks that talk to each other, apart from all other communicators. */
export class Communicator extends CollectiveCalls {
  #group: Group | undefined;

  /** Its ranks, as ranks of the job. MPI_Comm_group. */
  get group(): Group {
    this.#group ??= new Group(this.members);
    return this.#group;
  }

  /** MPI_Comm_compare. */
  compare(other: Communicator): CommComparison {
    if (other.context === this.context && other.messenger === this.messenger) return "identical";
    const groups: Comparison = this.group.compare(other.group);
    return groups === "identical" ? "congruent" : groups;
  }

  /** A communicator of the same ranks, whose messages never meet those of this one. MPI_Comm_dup. */
  dup(options?: CollectiveOptions): Promise<this> {
    return this.idup().wait(options);
  }
  dupSync(options?: CollectiveOptions): this {
    return this.idup().waitSync(options);
  }
  idup(): Request<this> {
    return this.start("dup", toldByFirst(this.place, this.station), (context) => this.copied(context) as this);
  }

  /**
   * Ranks of the same colour come together in a new communicator, ordered by key and then by their rank here. MPI_Comm_split.
   *
   * @param colour a whole number of 0 or more; undefined (MPI_UNDEFINED): this rank is in none
   * @param key default 0
   * @returns undefined on a rank without a colour
   */
  split(colour?: number, key = 0, options?: CollectiveOptions): Promise<Communicator | undefined> {
    return this.isplit(colour, key).wait(options);
  }
  splitSync(colour?: number, key = 0, options?: CollectiveOptions): Communicator | undefined {
    return this.isplit(colour, key).waitSync(options);
  }
  isplit(colour?: number, key = 0): Request<Communicator | undefined> {
    return this.splitInto("split", colour, key, plain);
  }

  /** The ranks that share memory with this one. MPI_Comm_split_type with MPI_COMM_TYPE_SHARED. */
  splitShared(key = 0, options?: CollectiveOptions): Promise<Communicator> {
    return this.isplitShared(key).wait(options);
  }
  splitSharedSync(key = 0, options?: CollectiveOptions): Communicator {
    return this.isplitShared(key).waitSync(options);
  }
  isplitShared(key = 0): Request<Communicator> {
    return this.splitInto("splitShared", this.place.hosts[this.rank], key, plain) as Request<Communicator>;
  }

  /**
   * A communicator of a group of ranks of this one; all ranks call it, each with the group that it shall be in. MPI_Comm_create.
   * @returns undefined on a rank that is not in its group
   */
  create(group: Group, options?: CollectiveOptions): Promise<Communicator | undefined> {
    return this.icreate(group).wait(options);
  }
  createSync(group: Group, options?: CollectiveOptions): Communicator | undefined {
    return this.icreate(group).waitSync(options);
  }
  icreate(group: Group): Request<Communicator | undefined> {
    this.#checkGroup(group);
    return this.makeOf("create", group.members, plain);
  }

  /**
   * The same, called by the members of the group only. MPI_Comm_create_group.
   * @param tag keeps groups apart that are made at the same time and have ranks in common; default 0
   */
  createGroup(group: Group, tag = 0, options?: CollectiveOptions): Promise<Communicator> {
    return this.icreateGroup(group, tag).wait(options);
  }
  createGroupSync(group: Group, tag = 0, options?: CollectiveOptions): Communicator {
    return this.icreateGroup(group, tag).waitSync(options);
  }
  icreateGroup(group: Group, tag = 0): Request<Communicator> {
    this.checkUsable();
    this.#checkGroup(group);
    this.checkTag(tag);
    const { members } = group;
    if (!members.includes(this.station.rank))
      throw new UsageError("createGroup is called by the members of its group; this rank is none.");
    const channel = { context: this.context + contextOf.groups, call: tag, tag, members };
    const algorithm = toldByFirst(placeOf(this.station, members), this.station);
    return startCollective("createGroup", this.messenger, channel, algorithm, (context) =>
      plain(this.station, context, members),
    );
  }

  /**
   * The first ranks of this communicator as a grid, numbered row by row (the last coordinate runs fastest), which is also host by host.
   * MPI_Cart_create; there is nothing to reorder.
   *
   * @param dims sizes, each 1 or more; see `dimsCreate`
   * @param periods for each dimension, or for all, whether its ends are neighbors; default false
   * @returns undefined on ranks beyond the grid
   * @throws UsageError when the grid has more ranks than there are
   */
  cart(dims: readonly number[], periods?: Periods, options?: CollectiveOptions): Promise<CartOrNot> {
    return this.icart(dims, periods).wait(options);
  }
  cartSync(dims: readonly number[], periods?: Periods, options?: CollectiveOptions): CartOrNot {
    return this.icart(dims, periods).waitSync(options);
  }
  icart(dims: readonly number[], periods?: Periods): Request<CartOrNot> {
    const grid = new Cartesian(dims, periods);
    if (grid.size > this.size)
      throw new UsageError(`a grid of ${dims.join(" × ")} needs ${grid.size} ranks; there are ${this.size}.`);
    return this.makeOf("cart", this.members.slice(0, grid.size), gridOf(grid));
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

  /**
   * All ranks are done with this communicator; nothing can be sent or received with it afterwards. MPI_Comm_free.
   * @throws UsageError when this rank still has receives waiting in it
   */
  free(options?: CollectiveOptions): Promise<void> {
    return this.#startFree().wait(options);
  }
  freeSync(options?: CollectiveOptions): void {
    this.#startFree().waitSync(options);
  }

  #startFree(): Request<void> {
    const waiting = this.messenger.waitingIn(this.context);
    if (waiting !== undefined)
      throw new UsageError(`this communicator can't be freed: ${waiting} still waits; cancel it or wait for it first.`);
    const request = this.start("free", barrier(this.place), () => this.messenger.forget(this.context));
    this.close();
    return request;
  }

  /** A communicator of the same kind in another context. */
  protected copied(context: number): Communicator {
    return plain(this.station, context, this.members);
  }

  /** New communicators by colour; all ranks call it. */
  protected splitInto<Made>(
    name: string,
    colour: number | undefined,
    key: number,
    make: Make<Made>,
  ): Request<Made | undefined> {
    splitByColour([{ colour, key }]); // refuses what is none before anybody waits
    const asked = { colour, key, context: this.station.contexts.take() };
    return this.start(name, gathered(this.place, asked), (all) => {
      const part = splitByColour(all).find((each) => each.colour === colour);
      if (part === undefined) return undefined;
      const members = part.members.map((rank) => this.members[rank]!);
      return make(this.station, all[part.members[0]!]!.context, members);
    });
  }

  /** A new communicator of some members; all ranks call it. Undefined on those who are none. */
  protected makeOf<Made>(name: string, members: readonly number[], make: Make<Made>): Request<Made | undefined> {
    return this.start(name, toldByFirst(this.place, this.station), (context) =>
      members.includes(this.station.rank) ? make(this.station, context, members) : undefined,
    );
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

  #checkGroup(group: Group): void {
    if (!(group instanceof Group)) throw expected("group", "a Group", group);
    const stranger = group.members.find((member) => !this.members.includes(member));
    if (stranger !== undefined)
      throw new UsageError(`rank ${stranger} of the job is in the group and not in this communicator.`);
  }
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
    const algorithm = neighborAllgather(this.place, this.neighbors, toSend(data), slots);
    return this.start("neighborAllgather", algorithm, settle<T | undefined>);
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
    return this.start("neighborAlltoall", algorithm, settle<T | undefined>);
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
    return this.splitInto("sub", colour, rank, gridOf(grid)) as Request<CartesianCommunicator>;
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

function gridOf(grid: Cartesian): Make<CartesianCommunicator> {
  return (station, context, members) => new CartesianCommunicator(station, context, members, grid);
}

/** A new context number, chosen by the first rank. */
function* toldByFirst(place: Place, { contexts }: Station): Algorithm<number> {
  const own = place.rank === 0 ? Int32Array.of(contexts.take()) : undefined;
  return ((yield* bcast(place, own, 0)) as Int32Array)[0]!;
}

/** What each rank says, on all ranks. */
function* gathered<Said>(place: Place, said: Said): Algorithm<readonly Said[]> {
  return (yield* allgather(place, { value: said })).map(fromData) as Said[];
}
