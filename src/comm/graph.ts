/** Distributed graph topologies: MPI 4.1 section 8.5.4. Who is whose neighbor, from the edges that all ranks named. */
import { expected, UsageError } from "../errors.ts";
import type { Neighbors } from "./collectives/neighbors.ts";

/** From one rank to another, or to itself. The same edge may be there several times. */
export type Edge = readonly [source: number, destination: number];

/**
 * A rank's neighbors in a graph: MPI_Dist_graph_create. Edges between the same two ranks keep their order on both sides.
 *
 * @param edges that any rank named, in the same order on all ranks
 */
export function neighborsInGraph(edges: readonly Edge[], rank: number, size: number): Neighbors {
  for (const end of edges.flat()) checkRank(end, size);
  return {
    sources: edges.filter(([, destination]) => destination === rank).map(([source]) => source),
    destinations: edges.filter(([source]) => source === rank).map(([, destination]) => destination),
  };
}

/**
 * Checks what all ranks named as their own neighbors: MPI_Dist_graph_create_adjacent. Every edge must be named as often by
 * its source as by its destination, or an exchange would never end.
 */
export function checkAdjacent(table: readonly Neighbors[]): void {
  const open = new Map<string, number>();
  const count = (source: number, destination: number, by: number) => {
    const edge = `${source} to ${destination}`;
    open.set(edge, (open.get(edge) ?? 0) + by);
  };
  for (const [rank, { sources, destinations }] of table.entries()) {
    for (const source of sources) count(checkRank(source, table.length), rank, -1);
    for (const destination of destinations) count(rank, checkRank(destination, table.length), 1);
  }
  for (const [edge, balance] of open)
    if (balance !== 0)
      throw new UsageError(
        `the edge from rank ${edge} is named ${Math.abs(balance)} times more often by its ${balance > 0 ? "source" : "destination"}.`,
      );
}

function checkRank(rank: number, size: number): number {
  if (!Number.isSafeInteger(rank) || rank < 0 || rank >= size) throw expected("edges", `ranks 0 to ${size - 1}`, rank);
  return rank;
}
