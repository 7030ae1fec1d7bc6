/** Which new communicators a split makes, from what all ranks asked for: MPI_Comm_split, MPI 4.1 section 7.4.2. */
import { expected } from "../errors.ts";

/** What one rank asks for. */
export interface SplitRequest {
  /** Ranks of one colour, 0 or more, come together. Undefined (MPI_UNDEFINED): in none. */
  readonly colour?: number | undefined;
  /** The order in the new communicator; equal keys keep their old order. Default 0. */
  readonly key?: number | undefined;
}

/** One new communicator. */
export interface SplitPart {
  readonly colour: number;
  /** Old ranks in their new order. */
  readonly members: readonly number[];
}

/**
 * The new communicators by ascending colour. All ranks get the same list from the same requests, so its order can number contexts.
 *
 * @param requests of all ranks, by rank
 */
export function splitByColour(requests: readonly SplitRequest[]): SplitPart[] {
  const ranksOf = new Map<number, number[]>();
  for (const [rank, { colour, key = 0 }] of requests.entries()) {
    if (!Number.isSafeInteger(key)) throw expected("key", "a whole number", key);
    if (colour === undefined) continue;
    if (!Number.isSafeInteger(colour) || colour < 0) throw expected("colour", "a whole number of 0 or more", colour);
    const ranks = ranksOf.get(colour);
    if (ranks === undefined) ranksOf.set(colour, [rank]);
    else ranks.push(rank);
  }
  const keyOf = (rank: number) => requests[rank]!.key ?? 0;
  return [...ranksOf]
    .sort(([one], [other]) => one - other)
    .map(([colour, ranks]) => ({ colour, members: ranks.sort((one, other) => keyOf(one) - keyOf(other)) }));
}
