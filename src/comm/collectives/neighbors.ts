/**
 * Neighbor collectives: MPI_Neighbor_allgather(v) and MPI_Neighbor_alltoall(v), MPI 4.1 section 8.6. One message along every
 * edge; who is a neighbor comes from cartesian.ts or graph.ts.
 */
import { expected } from "../../errors.ts";
import { kept, placed, type Slots } from "../buffers.ts";
import { PROC_NULL } from "../matching.ts";
import { type Algorithm, type Data, type Place, together } from "../steps.ts";

/** Edges of one rank. A neighbor may stand there several times; `PROC_NULL` stands for none. */
export interface Neighbors {
  /** Whom this rank receives from. */
  readonly sources: readonly number[];
  /** Whom it sends to. */
  readonly destinations: readonly number[];
  /**
   * The order in which the edges from one source are used, as indices of `sources`. Default: as they stand. A periodic dimension of two
   * or one ranks needs another: what went out downwards must come in from above.
   */
  readonly order?: readonly number[];
}

/** Every neighbor gets this rank's data. Returns what the sources sent, undefined for `PROC_NULL`. */
export function neighborAllgather(
  place: Place,
  neighbors: Neighbors,
  data: Data,
  slots?: Slots,
): Algorithm<readonly (Data | undefined)[]> {
  return neighborAlltoall(
    place,
    neighbors,
    neighbors.destinations.map(() => data),
    slots,
  );
}

/**
 * The i-th destination gets `parcels[i]`. Returns what the sources sent, undefined for `PROC_NULL` (whose slot stays as it is).
 */
export function* neighborAlltoall(
  place: Place,
  { sources, destinations, order = sources.map((_, i) => i) }: Neighbors,
  parcels: readonly Data[],
  slots?: Slots,
): Algorithm<readonly (Data | undefined)[]> {
  if (parcels?.length !== destinations.length)
    throw expected("parcels", `a list of one for each of ${destinations.length} destinations`, parcels);
  const result: (Data | undefined)[] = new Array(sources.length).fill(undefined);
  const outgoing = destinations.map((to, i) => ({ to, data: parcels[i]! })).filter(({ to }) => to !== PROC_NULL);
  const incoming = order.filter((i) => sources[i] !== PROC_NULL);
  // A rank that is its own neighbor sends to itself without a message, in the order of its edges.
  const own = outgoing.filter(({ to }) => to === place.rank);
  const fromOthers = incoming.filter((i) => sources[i] !== place.rank);
  const given = yield* together(
    fromOthers.map((i) => ({ from: sources[i]!, into: slots?.[i] })),
    outgoing.filter(({ to }) => to !== place.rank),
  );
  for (const [k, i] of fromOthers.entries()) result[i] = placed(given[k]!, slots?.[i], "neighbor exchange");
  for (const i of incoming)
    if (sources[i] === place.rank) result[i] = kept(own.shift()!.data, slots?.[i], "neighbor exchange");
  return result;
}
