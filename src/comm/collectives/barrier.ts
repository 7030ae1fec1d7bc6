/** Barrier: MPI_Barrier, MPI 4.1 section 6.3. Messages of no bytes. */
import { standOf } from "../layout.ts";
import { type Algorithm, among, exchange, type Line, NOTHING, type Place, receive, send } from "../steps.ts";

/**
 * Returns on no rank before all ranks have called it. One host, or one rank on each: dissemination. Else the ranks of a
 * host report to their leader, the leaders disseminate, and the hosts are released.
 */
export function* barrier(place: Place): Algorithm<void> {
  const stand = standOf(place);
  if (stand.leaders.length === 1 || stand.leaders.length === place.size) return yield* disseminate(place);
  const { localLine, local } = stand;
  yield* among(local, fanIn(localLine));
  if (stand.isLeader) yield* among(stand.leaders, disseminate(stand.hostLine));
  yield* among(local, fanOut(localLine));
}

/** After round k every rank has heard, directly or not, of the 2^(k+1) − 1 before it (Hensgen, Finkel, Manber 1988). */
function* disseminate({ rank, size }: Line): Algorithm<void> {
  for (let step = 1; step < size; step *= 2)
    yield* exchange((rank + step) % size, NOTHING, (rank - step + size) % size, new Uint8Array(0));
}

function* fanIn({ rank, size }: Line): Algorithm<void> {
  for (let bit = 1; bit < size; bit *= 2) {
    if ((rank & bit) !== 0) return yield* send(rank - bit, NOTHING);
    if (rank + bit < size) yield* receive(rank + bit, new Uint8Array(0));
  }
}

/** The same tree downwards. */
function* fanOut({ rank, size }: Line): Algorithm<void> {
  let bit = 1;
  while (bit < size && (rank & bit) === 0) bit *= 2;
  if (rank !== 0) yield* receive(rank - bit, new Uint8Array(0));
  for (bit /= 2; bit >= 1; bit /= 2) if (rank + bit < size) yield* send(rank + bit, NOTHING);
}
