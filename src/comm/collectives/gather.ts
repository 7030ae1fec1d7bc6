/**
 * Gather and scatter, of equal and unequal blocks: MPI_Gather(v) and MPI_Scatter(v), MPI 4.1 sections 6.5 and 6.6. A block
 * crosses hosts once. Light blocks of a host travel as one message; heavy ones straight between their rank and the root.
 */
import { expected, UsageError } from "../../errors.ts";
import { kept, placed, type Slots } from "../buffers.ts";
import { bundle, isHeavy, type Parcel, parcelOf, unbundle, unwrap, wrap } from "../bundle.ts";
import { type Stand, standOf } from "../layout.ts";
import { type Algorithm, type Data, type Place, receive, send, together } from "../steps.ts";

/**
 * The data of every rank, at the root, by rank. Data may be of any kind and length on each rank.
 *
 * @param data of this rank; undefined at the root when they lie in its slot already (MPI_IN_PLACE)
 * @param slots at the root: where each rank's array is to be put; default: new arrays
 * @returns undefined on the other ranks
 */
export function* gather(
  place: Place,
  data: Data | undefined,
  root: number,
  slots?: Slots,
): Algorithm<readonly Data[] | undefined> {
  const stand = standOf(place, root);
  const own = data ?? slots?.[place.rank];
  if (own === undefined) throw new UsageError("gather: this rank has no data.");
  if (place.rank === root) return yield* collect(place, stand, own, slots);
  if (isDirect(stand, stand.host, root)) yield* send(root, own);
  else if (stand.isLeader) yield* sendBundle(stand, own, root);
  else yield* sendParcel(stand, own, root);
  return undefined;
}

/**
 * The root's data for this rank.
 *
 * @param parcels at the root: the data for each rank; ignored elsewhere
 * @param into where an array is to be put; at the root it may be its own parcel (MPI_IN_PLACE)
 */
export function* scatter(
  place: Place,
  parcels: readonly Data[] | undefined,
  root: number,
  into?: ArrayBufferView,
): Algorithm<Data> {
  const stand = standOf(place, root);
  if (place.rank === root) {
    if (parcels?.length !== place.size)
      throw expected("parcels", `a list of one for each of ${place.size} ranks`, parcels);
    yield* handOut(stand, parcels, root);
    return kept(parcels[root]!, into, "scatter");
  }
  if (isDirect(stand, stand.host, root)) return placed(yield* receive(root, into), into, "scatter");
  const parcel = stand.isLeader ? yield* passOn(stand, root) : unwrap(yield* receive(stand.leaders[stand.host]!));
  return placed(parcel ?? (yield* receive(root, into)), into, "scatter");
}

/** True when nothing between a host and the root would be bundled: the root's own host, or a single rank. */
function isDirect({ layout }: Stand, host: number, root: number): boolean {
  return layout.hostOf[root] === host || layout.members[host]!.length === 1;
}

function* collect(place: Place, stand: Stand, own: Data, slots: Slots | undefined): Algorithm<readonly Data[]> {
  const result: Data[] = new Array(place.size);
  result[place.rank] = kept(own, slots?.[place.rank], "gather");
  const { members } = stand.layout;
  const direct = members.flatMap((ranks, host) => (isDirect(stand, host, place.rank) ? ranks : []));
  const single = direct.filter((rank) => rank !== place.rank);
  const bundled = members.flatMap((_, host) => (isDirect(stand, host, place.rank) ? [] : [host]));
  const given = yield* together(
    [
      ...single.map((from) => ({ from, into: slots?.[from] })),
      ...bundled.map((host) => ({ from: stand.leaders[host]! })),
    ],
    [],
  );
  for (const [i, from] of single.entries()) result[from] = placed(given[i]!, slots?.[from], "gather");
  const heavy: number[] = [];
  for (const [i, host] of bundled.entries())
    for (const [j, parcel] of unbundle(given[single.length + i]!).entries()) {
      const from = members[host]![j]!;
      if (parcel === undefined) heavy.push(from);
      else result[from] = placed(parcel, slots?.[from], "gather");
    }
  const late = yield* together(
    heavy.map((from) => ({ from, into: slots?.[from] })),
    [],
  );
  for (const [i, from] of heavy.entries()) result[from] = placed(late[i]!, slots?.[from], "gather");
  return result;
}

/** The leader's part: all parcels of its host in one message. */
function* sendBundle({ local, limits }: Stand, own: Data, root: number): Algorithm<void> {
  const others = local.slice(1);
  const given = yield* together(
    others.map((from) => ({ from })),
    [],
  );
  yield* send(root, bundle([parcelOf(own, limits), ...given.map(unwrap)]));
  if (isHeavy(own, limits)) yield* send(root, own);
}

function* sendParcel(stand: Stand, own: Data, root: number): Algorithm<void> {
  yield* send(stand.leaders[stand.host]!, wrap(parcelOf(own, stand.limits)));
  if (isHeavy(own, stand.limits)) yield* send(root, own);
}

/** The root's part of scatter: own host and single ranks get theirs, other hosts a bundle, heavy ones follow. */
function* handOut(stand: Stand, parcels: readonly Data[], root: number): Algorithm<void> {
  const sends: { to: number; data: Data }[] = [];
  const heavy: { to: number; data: Data }[] = [];
  for (const [host, ranks] of stand.layout.members.entries()) {
    if (isDirect(stand, host, root)) {
      for (const to of ranks) if (to !== root) sends.push({ to, data: parcels[to]! });
      continue;
    }
    sends.unshift({
      to: stand.leaders[host]!,
      data: bundle(ranks.map((rank) => parcelOf(parcels[rank]!, stand.limits))),
    });
    for (const to of ranks) if (isHeavy(parcels[to]!, stand.limits)) heavy.push({ to, data: parcels[to]! });
  }
  yield* together([], [...sends, ...heavy]);
}

/** The leader's part of scatter; gives its own parcel. */
function* passOn({ local }: Stand, root: number): Algorithm<Parcel> {
  const parcels = unbundle(yield* receive(root));
  yield* together(
    [],
    local.slice(1).map((to, i) => ({ to, data: wrap(parcels[i + 1]) })),
  );
  return parcels[0];
}
