/**
 * All to all: MPI_Alltoall(v), MPI 4.1 section 6.8. Each block crosses hosts once. Light blocks between two hosts travel as one
 * message by way of the leaders; heavy ones straight from rank to rank.
 */
import { expected } from "../../errors.ts";
import { kept, placed, type Slots } from "../buffers.ts";
import { bundle, isHeavy, type Parcel, parcelOf, unbundle } from "../bundle.ts";
import { chooseAlgorithm } from "../choice.ts";
import { localPlaceOf, type Stand, standOf } from "../layout.ts";
import { type Algorithm, among, type Data, isBoxed, type Place, receive, send, together } from "../steps.ts";
import { exchangeAll, exchangePairwise } from "./blocks.ts";
import { gather } from "./gather.ts";

/** What alltoall may be told; `uniform` the same on all ranks. */
export interface AlltoallOptions {
  /** Where each rank's array is to be put. They must not overlap what is sent. */
  readonly slots?: Slots | undefined;
  /** True when all blocks of all ranks are arrays of one length (MPI_Alltoall). Default false. */
  readonly uniform?: boolean | undefined;
}

/**
 * Rank i gets what each rank has for it.
 *
 * @param parcels for each rank, of any kind and length
 * @returns by rank: what that rank had for this one
 */
export function* alltoall(
  place: Place,
  parcels: readonly Data[],
  { slots, uniform = false }: AlltoallOptions = {},
): Algorithm<readonly Data[]> {
  if (parcels?.length !== place.size)
    throw expected("parcels", `a list of one for each of ${place.size} ranks`, parcels);
  const stand = standOf(place);
  const first = parcels[0]!;
  const bytes = uniform && !isBoxed(first) ? first.byteLength : undefined;
  const isFlat = stand.leaders.length === 1 || stand.leaders.length === place.size;
  const isPairwise = chooseAlgorithm("alltoall", bytes, place.size, stand.limits) === "pairwise";
  const result = isPairwise
    ? yield* exchangePairwise(place, (rank) => parcels[rank]!, slots)
    : isFlat
      ? yield* exchangeAll(place, (rank) => parcels[rank]!, slots)
      : yield* byHosts(stand, place, parcels, slots);
  return result.map((data, rank) => (rank === place.rank ? kept : placed)(data, slots?.[rank], "alltoall"));
}

/** What ranks of this host have for all ranks elsewhere, and the other way round: by rank of the host, then by rank elsewhere. */
type Table = readonly (readonly Parcel[])[];

function* byHosts(stand: Stand, place: Place, parcels: readonly Data[], slots: Slots | undefined): Algorithm<Data[]> {
  const { local, localLine } = stand;
  const elsewhere = stand.layout.hostOf.flatMap((host, rank) => (host === stand.host ? [] : [rank]));
  const outgoing = bundle(elsewhere.map((rank) => parcelOf(parcels[rank]!, stand.limits)));
  const tables = yield* among(local, gather(localPlaceOf(stand), outgoing, 0));
  const incoming = tables && (yield* exchangeTables(stand, elsewhere, tables.map(unbundle)));
  const light = yield* handDown(stand, incoming);

  const result: Data[] = new Array(place.size);
  const here = yield* among(
    local,
    exchangeAll(localLine, (index) => parcels[local[index]!]!, slots && local.map((rank) => slots[rank])),
  );
  for (const [index, rank] of local.entries()) result[rank] = here[index]!;
  for (const [i, rank] of elsewhere.entries()) if (light[i] !== undefined) result[rank] = light[i];
  yield* exchangeHeavy(stand, elsewhere, parcels, slots, result);
  return result;
}

/** Between leaders: for each pair of hosts one message with all that their ranks have for each other. */
function* exchangeTables(stand: Stand, elsewhere: readonly number[], tables: Table): Algorithm<Table> {
  const { members } = stand.layout;
  const columnsOf = (host: number) => members[host]!.map((rank) => elsewhere.indexOf(rank));
  const bundles = yield* among(
    stand.leaders,
    exchangeAll(stand.hostLine, (host) =>
      bundle(host === stand.host ? [] : tables.flatMap((row) => columnsOf(host).map((column) => row[column]))),
    ),
  );
  const incoming: Parcel[][] = stand.local.map(() => new Array<Parcel>(elsewhere.length));
  for (const [host, each] of bundles.entries()) {
    if (host === stand.host) continue;
    // The sender's rows are its own ranks, its columns ours.
    for (const [i, parcel] of unbundle(each).entries())
      incoming[i % stand.local.length]![columnsOf(host)[Math.floor(i / stand.local.length)]!] = parcel;
  }
  return incoming;
}

/** From the leader to the ranks of its host. */
function* handDown(
  { local, isLeader, leaders, host }: Stand,
  incoming: Table | undefined,
): Algorithm<readonly Parcel[]> {
  if (!isLeader) return unbundle(yield* receive(leaders[host]!));
  for (const [i, rank] of local.entries()) if (i > 0) yield* send(rank, bundle(incoming![i]!));
  return incoming![0]!;
}

function* exchangeHeavy(
  stand: Stand,
  elsewhere: readonly number[],
  parcels: readonly Data[],
  slots: Slots | undefined,
  result: Data[],
): Algorithm<void> {
  const missing = elsewhere.filter((rank) => result[rank] === undefined);
  const given = yield* together(
    missing.map((from) => ({ from, into: slots?.[from] })),
    elsewhere.filter((to) => isHeavy(parcels[to]!, stand.limits)).map((to) => ({ to, data: parcels[to]! })),
  );
  for (const [i, from] of missing.entries()) result[from] = given[i]!;
}
