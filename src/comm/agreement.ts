/** What all members of a new communicator have to know. */
import { allgather } from "./collectives/allgather.ts";
import { bcast } from "./collectives/bcast.ts";
import type { Station } from "./station.ts";
import { type Algorithm, fromData, type Place } from "./steps.ts";

/** A new context number, chosen by the first rank. */
export function* toldByFirst(place: Place, { contexts }: Station): Algorithm<number> {
  const own = place.rank === 0 ? Int32Array.of(contexts.take()) : undefined;
  return ((yield* bcast(place, own, 0)) as Int32Array)[0]!;
}

/** What each rank says, on all ranks. */
export function* gathered<Said>(place: Place, said: Said): Algorithm<readonly Said[]> {
  return (yield* allgather(place, { value: said })).map(fromData) as Said[];
}
