/**
 * Gather to all: MPI_Allgather(v), MPI 4.1 section 6.7. Every host gets each block of the others once, whatever the
 * algorithm: Σ over hosts of the bytes that the others have.
 */
import { UsageError } from "../../errors.ts";
import { viewNameOf, viewOver } from "../../wire/typed-arrays.ts";
import { kept, placed, type Slots } from "../buffers.ts";
import { bundle, unbundle } from "../bundle.ts";
import { chooseAlgorithm } from "../choice.ts";
import { type Layout, localPlaceOf, type Stand, standOf } from "../layout.ts";
import { type Algorithm, among, type Data, isBoxed, type Place } from "../steps.ts";
import { bcast } from "./bcast.ts";
import { allgatherBruck, allgatherRing, exchangeAll } from "./blocks.ts";
import { gather } from "./gather.ts";

/** What allgather may be told; `uniform` the same on all ranks. */
export interface AllgatherOptions {
  /** Where each rank's array is to be put; with `data` undefined this rank's lies there already (MPI_IN_PLACE). */
  readonly slots?: Slots | undefined;
  /** True when all ranks have arrays of one type and length (MPI_Allgather): needs fewer copies. Default false. */
  readonly uniform?: boolean | undefined;
}

/** The data of every rank, on every rank, by rank. */
export function* allgather(
  place: Place,
  data: Data | undefined,
  { slots, uniform = false }: AllgatherOptions = {},
): Algorithm<readonly Data[]> {
  const own = data ?? slots?.[place.rank];
  if (own === undefined) throw new UsageError("allgather: this rank has no data.");
  const stand = standOf(place);
  if (!uniform || isBoxed(own)) return yield* gatherItems(stand, place, own, slots);
  const blocks = blocksFor(stand.layout, own, slots);
  placed(own, blocks.ofRank[place.rank], "allgather");
  yield* gatherBlocks(stand, place, blocks);
  if (blocks.isCallers) return slots as readonly ArrayBufferView[];
  const type = viewNameOf(own)!;
  return blocks.ofRank.map((bytes, rank) => placed(viewOver(type, bytes), slots?.[rank], "allgather"));
}

/** Equal blocks of all ranks in one run of bytes, host by host. */
interface Blocks {
  readonly whole: Uint8Array;
  readonly ofRank: readonly Uint8Array[];
  /** The blocks of each host's ranks. */
  readonly ofHost: readonly Uint8Array[];
  /** True when it is the caller's own buffer. */
  readonly isCallers: boolean;
}

function blocksFor(layout: Layout, own: ArrayBufferView, slots: Slots | undefined): Blocks {
  const ranks = layout.hostOf.length;
  const block = own.byteLength;
  const callers = slots && layout.inOrder ? runOf(slots, block) : undefined;
  const whole = callers ?? new Uint8Array(ranks * block);
  const ofRank: Uint8Array[] = new Array(ranks);
  let at = 0;
  const ofHost = layout.members.map((members) => {
    const start = at;
    for (const rank of members) {
      ofRank[rank] = whole.subarray(at, at + block);
      at += block;
    }
    return whole.subarray(start, at);
  });
  return { whole, ofRank, ofHost, isCallers: callers !== undefined };
}

/** The bytes that the slots fill in order and without a gap, or undefined when they don't. */
function runOf(slots: Slots, block: number): Uint8Array | undefined {
  if (slots[0] === undefined) return undefined;
  const { buffer, byteOffset } = slots[0];
  const isRun = slots.every(
    (slot, rank) =>
      slot?.buffer === buffer && slot.byteLength === block && slot.byteOffset === byteOffset + rank * block,
  );
  return isRun ? new Uint8Array(buffer, byteOffset, slots.length * block) : undefined;
}

/** One level where there is but one; else to the hosts' leaders, between these, and down again. */
function* gatherBlocks(stand: Stand, place: Place, { whole, ofRank, ofHost }: Blocks): Algorithm<void> {
  const { local, isLeader, limits } = stand;
  const isRing = chooseAlgorithm("allgather", whole.length, place.size, limits) === "ring";
  if (ofHost.length === 1 || ofHost.length === place.size)
    return yield* isRing ? allgatherRing(place, ofRank) : allgatherBruck(place, ofRank);
  const here = localPlaceOf(stand);
  const slots = isLeader ? local.map((rank) => ofRank[rank]!) : undefined;
  yield* among(local, gather(here, ofRank[place.rank]!, 0, slots));
  if (isLeader && isRing) yield* among(stand.leaders, allgatherRing(stand.hostLine, ofHost));
  else if (isLeader)
    yield* among(
      stand.leaders,
      exchangeAll(stand.hostLine, () => ofHost[stand.host]!, ofHost),
    );
  yield* among(local, bcast(here, whole, 0, whole));
}

/** Data of any kind and length: as lists, host by host. */
function* gatherItems(stand: Stand, place: Place, own: Data, slots: Slots | undefined): Algorithm<readonly Data[]> {
  const { local, leaders, layout } = stand;
  const here = localPlaceOf(stand);
  const mine = yield* among(local, gather(here, own, 0));
  let all: Data | undefined;
  if (mine !== undefined) {
    const packed = bundle(mine);
    const bundles = yield* among(
      leaders,
      exchangeAll(stand.hostLine, () => packed),
    );
    all = bundle(
      inRankOrder(
        layout,
        bundles.map((each, host) => (host === stand.host ? mine : unbundle(each))),
      ),
    );
  }
  const items = unbundle(yield* among(local, bcast(here, all, 0)));
  return items.map((item, rank) =>
    rank === place.rank ? kept(own, slots?.[rank], "allgather") : placed(item!, slots?.[rank], "allgather"),
  );
}

function inRankOrder<Item>({ members, hostOf }: Layout, ofHosts: readonly (readonly Item[])[]): Item[] {
  return hostOf.map((host, rank) => ofHosts[host]![members[host]!.indexOf(rank)]!);
}
